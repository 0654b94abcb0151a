using System.Text.Json.Nodes;
using MessageBus.Delivery;
using MessageBus.IntegrationTests.Support;
using MessageBus.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace MessageBus.IntegrationTests.Access;

/// <summary>Rules that change while connections are open: all of them or none, and what is no longer allowed ends.</summary>
public sealed class AccessReloadTests
{
    private const string Subscribe = "MessageBus:Channels:0:Subscribe";

    private static readonly (string, string)[] Rules =
    [
        ("MessageBus:Channels:0:Pattern", "chat/**"), (Subscribe, "authenticated"), ("MessageBus:Channels:0:Publish", "authenticated"),
        ("MessageBus:Channels:1:Pattern", "own/{user}"), ("MessageBus:Channels:1:Subscribe", "user"),
    ];

    [Fact]
    public async Task A_right_that_is_taken_away_ends_its_live_subscriptions_and_no_others()
    {
        await using var app = await EmbeddingApp.StartAsync(Rules);
        await using var ann = await app.ConnectAsync("ann", "chat/1", "own/ann");
        await using var bob = await app.ConnectAsync("bob;role=staff", "chat/1", "own/bob");

        app.Reconfigure((Subscribe, "role:staff"));
        var ended = await ann.NextAsync();
        await ann.PublishAsync("chat/1", "after");
        await ann.SendAsync(new { type = "subscribe", id = 9, channel = "chat/1" });

        Assert.Equal("""{"type":"unsubscribed","channel":"chat/1","reason":"forbidden"}""", ended.GetRawText());
        Assert.Equal("forbidden", await ann.ExpectErrorAsync());
        Assert.Equal("after", await bob.ExpectTextAsync("chat/1"));
        await ann.SubscribeAsync("own/ann");
        Assert.True(ann.IsQuiet);
    }

    [Fact]
    public async Task A_right_that_is_given_holds_for_live_connections()
    {
        await using var app = await EmbeddingApp.StartAsync([.. Rules.Where(rule => rule.Item1 is not Subscribe), (Subscribe, "none")]);
        await using var ann = await app.ConnectAsync("ann");
        await ann.SendAsync(new { type = "subscribe", id = 1, channel = "chat/1" });
        Assert.Equal("forbidden", await ann.ExpectErrorAsync());

        app.Reconfigure((Subscribe, "authenticated"));

        await Eventually.TrueAsync(() => app.Log.Has("2 rules for channels are in force"), "the rules are taken over");
        await ann.SubscribeAsync("chat/1");
    }

    [Fact]
    public async Task An_automatic_channel_that_is_taken_away_ends_and_a_new_one_reaches_new_connections()
    {
        await using var app = await EmbeddingApp.StartAsync([.. Rules, ("MessageBus:AutoSubscribe:0", "user/{user}")]);
        await using var before = await app.OpenAsync("ann");
        await before.SendAsync(new { type = "connect" });
        await before.ExpectAsync("connected");
        Assert.Equal("user/ann", (await before.ExpectAsync("subscribed")).GetProperty("channel").GetString());

        app.Reconfigure(("MessageBus:AutoSubscribe:0", "person/{user}"));

        Assert.Equal("user/ann forbidden", await EndedAsync(before));
        await using var after = await app.OpenAsync("ann");
        await after.SendAsync(new { type = "connect" });
        await after.ExpectAsync("connected");
        Assert.Equal("person/ann", (await after.ExpectAsync("subscribed")).GetProperty("channel").GetString());

        // The live one is not subscribed by itself, but may.
        await before.SubscribeAsync("person/ann");
        Assert.True(before.IsQuiet);
    }

    [Theory]
    [InlineData("MessageBus:Channels:1:Pattern", "own/{usr}", "'MessageBus:Channels:1:Pattern' is 'own/{usr}'")]
    [InlineData("MessageBus:Channels:1:Subscribe", "everyone", "'MessageBus:Channels:1:Subscribe' is 'everyone'")]
    [InlineData("MessageBus:AutoSubscribe:0", "user/*", "'MessageBus:AutoSubscribe:0' is 'user/*'")]
    [InlineData("MessageBus:AllowedOrigins:0", "*", "'MessageBus:AllowedOrigins:0' is '*'")]
    [InlineData("MessageBus:Limits:PingInterval", "soon", "MessageBus:Limits:PingInterval")]
    [InlineData("MessageBus:Limits:MaxPayloadBytes", "0", "MaxPayloadBytes")]
    public async Task One_mistake_keeps_everything_as_it_was_and_the_log_says_which(string key, string value, string named)
    {
        await using var app = await EmbeddingApp.StartAsync(Rules);
        await using var ann = await app.ConnectAsync("ann", "chat/1");

        app.Reconfigure((Subscribe, "none"), (key, value));
        await Eventually.TrueAsync(() => app.Log.Lines.Any(line => line.StartsWith("Error: The changed configuration is not taken over", StringComparison.Ordinal) && line.Contains(named, StringComparison.Ordinal)), "the mistake is logged");

        await ann.SubscribeAsync("chat/2");
        await ann.SendAsync(new { type = "publish", channel = "chat/1", payload = "still there" });
        Assert.Equal("still there", await ann.ExpectTextAsync("chat/1"));
    }

    [Fact]
    public async Task Nothing_of_a_channel_comes_after_its_end_and_nobody_keeps_what_was_taken_away_while_they_subscribed()
    {
        await using var app = await EmbeddingApp.StartAsync(Rules);
        await using var publisher = await app.ConnectAsync("p");
        await using var ann = await app.ConnectAsync("ann");
        var subscribed = false;

        for (var round = 0; round < 40; round++)
        {
            // In one breath: a subscribe, the end of the right to it, and a publication.
            await ann.SendAsync(new { type = "subscribe", channel = "chat/1" });
            app.Reconfigure((Subscribe, round % 2 is 0 ? "none" : "authenticated"));
            await publisher.SendAsync(new { type = "publish", channel = "chat/1", payload = $"{round}" });
        }

        // The last word is that it is forbidden, whatever had happened before.
        app.Reconfigure((Subscribe, "none"));
        await Eventually.TrueAsync(async () =>
        {
            await ann.SendAsync(new { type = "unsubscribe", id = 1, channel = "chat/1" });
            while (true)
            {
                var answer = await ann.NextAsync();
                switch (answer.GetProperty("type").GetString())
                {
                    case "subscribed":
                        subscribed = true;
                        break;
                    case "unsubscribed":
                        Assert.True(subscribed);
                        subscribed = false;
                        break;
                    case "message":
                        Assert.True(subscribed, "A message of a channel that is not subscribed.");
                        break;
                }

                if (answer.TryGetProperty("id", out _))
                {
                    return answer.GetProperty("type").GetString() is "error";
                }
            }
        }, "the subscription has ended");
        await ann.SendAsync(new { type = "subscribe", id = 2, channel = "chat/1" });
        Assert.Equal("forbidden", await ann.ExpectErrorAsync());
    }

    [Fact]
    public async Task A_subscription_that_waits_for_Redis_while_its_right_is_taken_away_ends_too()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var app = await EmbeddingApp.StartAsync(redis, _ => { }, Rules);
        await using var ann = await app.ConnectAsync("ann", "chat/1");

        var directory = app.Services.GetRequiredService<ChannelDirectory>();
        redis.Freeze();
        await ann.SendAsync(new { type = "subscribe", id = 7, channel = "chat/2" });
        await Eventually.TrueAsync(() => directory.TryFind(ChannelName.Parse("chat/2"), out _), "the subscription waits for Redis");
        app.Reconfigure((Subscribe, "none"));

        // The end of the other one says that this connection has been looked at.
        Assert.Equal("chat/1 forbidden", await EndedAsync(ann));
        redis.Thaw();
        await ann.ExpectAsync("subscribed");
        Assert.Equal("chat/2 forbidden", await EndedAsync(ann));
    }

    [Fact]
    public async Task The_gateway_takes_over_an_edited_file_and_survives_a_broken_one()
    {
        using var folder = new GatewayCopy();
        folder.Write(subscribe: "anyone");
        await using var gateway = await GatewayProcess.StartInAsync(
            folder.Path, folder.Path, "--urls=http://127.0.0.1:0", "MessageBus__AllowEmbedded=true", $"MessageBus__EmbeddedPort={FreePort.Next()}", "MessageBus__AllowAnonymous=true");
        await using var client = await BusClient.ConnectAsync(new UriBuilder(gateway.Addresses[0]) { Scheme = "ws", Path = "/bus" }.Uri, "chat/1");

        folder.WriteText("{ \"MessageBus\": { \"Channels\": [ ");
        Assert.Contains("cannot be read", await gateway.ReadLineWithAsync("appsettings.json"), StringComparison.Ordinal);
        folder.Write(subscribe: "everyone");
        Assert.Contains("not taken over", await gateway.ReadLineWithAsync("'MessageBus:Channels:0:Subscribe' is 'everyone'"), StringComparison.Ordinal);
        folder.Write(subscribe: "anyone", unknown: "MaxBacklogByte");
        await gateway.ReadLineWithAsync("Did you mean 'MessageBus:Limits:MaxBacklogBytes'?");
        await client.SubscribeAsync("chat/2");
        folder.Write(subscribe: "none");

        Assert.Equal(["chat/1 forbidden", "chat/2 forbidden"], new[] { await EndedAsync(client), await EndedAsync(client) }.Order(StringComparer.Ordinal));
    }

    private static async Task<string> EndedAsync(BusClient client)
    {
        var ended = await client.ExpectAsync("unsubscribed");
        return $"{ended.GetProperty("channel").GetString()} {ended.GetProperty("reason").GetString()}";
    }

    /// <summary>The built gateway in a folder of its own, so that its appsettings.json can be edited.</summary>
    private sealed class GatewayCopy : IDisposable
    {
        private readonly string _settings;

        public GatewayCopy()
        {
            Path = Directory.CreateTempSubdirectory("messagebus-").FullName;
            foreach (var file in Directory.EnumerateFiles(GatewayProcess.Folder))
            {
                File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
            }

            _settings = System.IO.Path.Combine(Path, "appsettings.json");
        }

        public string Path { get; }

        public void Write(string subscribe, string? unknown = null)
        {
            var bus = new JsonObject { ["Channels"] = new JsonArray(new JsonObject { ["Pattern"] = "chat/**", ["Subscribe"] = subscribe }) };
            if (unknown is not null)
            {
                bus[unknown] = 1;
            }

            WriteText(new JsonObject { ["MessageBus"] = bus }.ToJsonString());
        }

        public void WriteText(string text) => File.WriteAllText(_settings, text);

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
