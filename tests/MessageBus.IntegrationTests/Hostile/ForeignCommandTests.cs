using System.Net;
using MessageBus.IntegrationTests.Api;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Hostile;

/// <summary>
/// Channel names that try to be something else for Redis: a pattern, another command, somebody's own channel. In every command, and over HTTP.
/// Redis itself is the witness. (Against rules that allow everything: ReservedChannelTests.)
/// </summary>
public sealed class ForeignCommandTests
{
    private static readonly string[] Names =
    [
        "__keyspace@0__:x", "__keyevent@0__:del", "__sentinel__:hello", "__Booksleeve_MasterChanged", "__redis__:invalidate", "mb:proof:x", "mb:",
        "foreign*", "foreign?", "foreign[a-z]", @"foreign\*", "*", "foreign\r\nFLUSHALL\r\n", "foreign\n*1\r\n$8\r\nFLUSHALL\r\n", "foreign\0", "foreign\u001b[2J", "foreign channel",
        "foreign\u2028x", "foreign\u00a0x", "foreign\u200bx", "foreign\u202ex", "\ufeffforeign", "foreign\uff0a", "foreign\u2217", "m\u200bb:foreign", "_\u200b_foreign",
        new('f', 201), "foreign" + new string('f', 64 * 1024),
    ];

    [Fact]
    public async Task Are_refused_in_every_command_and_Redis_hears_nothing_of_them()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var client = await BusClient.ConnectAsync(gateway.Bus);
        await using var monitor = RedisCli.Start(redis.Port, "MONITOR");
        Assert.Equal("OK", await monitor.ReadLineAsync());

        foreach (var channel in Names)
        {
            await client.SendAsync(new { type = "subscribe", id = 1, channel });
            await client.SendAsync(new { type = "unsubscribe", id = 2, channel });
            await client.SendAsync(new { type = "publish", id = 3, channel, payload = "foreign" });
            foreach (var id in new[] { 1, 2, 3 })
            {
                var error = await client.ExpectAsync("error");
                Assert.Equal((id, "bad_channel"), (error.GetProperty("id").GetInt32(), error.GetProperty("code").GetString()));
            }
        }

        await using var connecting = await BusClient.OpenAsync(gateway.Bus);
        await connecting.SendAsync(new { type = "connect", subscriptions = Names.Where(name => name.Length < 1000).Select(channel => new { channel }) });
        await connecting.ExpectAsync("connected");
        foreach (var channel in Names.Where(name => name.Length < 1000))
        {
            Assert.Equal("bad_channel", await connecting.ExpectErrorAsync());
        }

        await client.PublishAsync("the/end", "x");
        await ExpectNothingForeignAsync(monitor);
    }

    [Fact]
    public async Task Are_refused_over_HTTP_and_Redis_hears_nothing_of_them()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        using var http = gateway.CreateHttpClient();
        await using var monitor = RedisCli.Start(redis.Port, "MONITOR");
        Assert.Equal("OK", await monitor.ReadLineAsync());

        foreach (var channel in Names.Where(name => name.Length < 1000))
        {
            using var refused = await http.PostAsync("/api/publish?channel=" + Uri.EscapeDataString(channel), new StringContent("foreign"));
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Equal("bad_channel", (await Problem.OfAsync(refused)).GetProperty("code").GetString());
            using var notTapped = await http.GetAsync("/api/tap?channel=" + Uri.EscapeDataString(channel));
            Assert.Equal(HttpStatusCode.BadRequest, notTapped.StatusCode);
            Assert.Equal("[]", (await gateway.GetJsonAsync("/api/channels?prefix=" + Uri.EscapeDataString(channel))).GetRawText());
        }

        // Twice, two in one, and one that is too long for the head of a request.
        foreach (var query in new[] { "channel=a&channel=foreign", "channel=a,foreign*", "channel=" + new string('f', 64 * 1024) })
        {
            using var refused = await http.PostAsync("/api/publish?" + query, new StringContent("foreign"));
            Assert.InRange((int)refused.StatusCode, 400, 499);
        }

        using var end = await http.PostAsync("/api/publish?channel=the/end", new StringContent("x"));
        Assert.Equal(HttpStatusCode.NoContent, end.StatusCode);
        await ExpectNothingForeignAsync(monitor);
    }

    /// <summary>Up to the publication on <c>the/end</c>. The gateway's own upkeep is a few commands, none with an argument of a client's.</summary>
    private static async Task ExpectNothingForeignAsync(RedisCli monitor)
    {
        string line;
        do
        {
            line = await monitor.ReadLineAsync();
            Assert.DoesNotContain("foreign", line, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("FLUSHALL", line, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("PSUBSCRIBE", line, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("\"__key", line, StringComparison.Ordinal);
            Assert.DoesNotContain("sentinel", line, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("Booksleeve", line, StringComparison.Ordinal);
        }
        while (!line.Contains("\"the/end\"", StringComparison.Ordinal));
    }
}
