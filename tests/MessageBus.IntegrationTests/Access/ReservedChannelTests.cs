using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Access;

/// <summary>What no rule, no token and no code can open. Redis itself is the witness.</summary>
public sealed class ReservedChannelTests
{
    [Fact]
    public async Task Bad_and_reserved_channels_are_refused_to_whom_everything_is_allowed_and_Redis_hears_nothing_of_them()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var app = await EmbeddingApp.StartAsync(
            redis,
            _ => { },
            ("MessageBus:Channels:0:Pattern", "**"),
            ("MessageBus:Channels:0:Subscribe", "anyone"),
            ("MessageBus:Channels:0:Publish", "anyone"));
        await using var admin = await app.ConnectAsync("root;role=admin;mb.sub=**;mb.pub=**");
        await using var monitor = RedisCli.Start(redis.Port, "MONITOR");
        Assert.Equal("OK", await monitor.ReadLineAsync());
        string[] refused =
        [
            "__keyspace@0__:x", "__sentinel__:hello", "__Booksleeve_MasterChanged", "mb:all", "orders/*", "orders/?", "a[b]", @"a\b", "a\r\nSET x 1", "a\r\n*1\r\n$8\r\nFLUSHALL\r\n",
            "nul\0", "zero\u200bwidth", "orders∕42", "orders/＊", new('c', 60 * 1024),
        ];

        foreach (var channel in refused)
        {
            await admin.SendAsync(new { type = "subscribe", id = 1, channel });
            Assert.Equal("bad_channel", await admin.ExpectErrorAsync());
            await admin.SendAsync(new { type = "publish", id = 2, channel, payload = "x" });
            Assert.Equal("bad_channel", await admin.ExpectErrorAsync());
        }

        await admin.PublishAsync("the/end", "x");
        var heard = new List<string>();
        do
        {
            heard.Add(await monitor.ReadLineAsync());
        }
        while (!heard[^1].Contains("\"the/end\"", StringComparison.Ordinal));

        // The gateway's own upkeep is a few commands on channels of its own, and none of them has an argument of the client's.
        heard.RemoveAll(line => line.Contains("SUBSCRIBE\" \"mb:", StringComparison.OrdinalIgnoreCase) && !line.Contains("mb:all", StringComparison.Ordinal));
        Assert.DoesNotContain(heard[..^1], line => line.Contains("PUBLISH", StringComparison.OrdinalIgnoreCase) && !line.Contains("\"mb:", StringComparison.Ordinal));
        Assert.DoesNotContain(heard, line => new[] { "SUBSCRIBE\" \"", "SET\"", "FLUSHALL", "orders", "keyspace", "sentinel__", "Booksleeve", "mb:all" }
            .Any(text => line.Contains(text, StringComparison.OrdinalIgnoreCase)));
    }
}
