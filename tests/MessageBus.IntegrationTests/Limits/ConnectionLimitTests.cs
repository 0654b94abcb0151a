using System.Text;
using MessageBus.IntegrationTests.Support;
using MessageBus.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace MessageBus.IntegrationTests.Limits;

/// <summary>How many connections there may be: in all, of an address, of a user. Who is already connected notices nothing.</summary>
public sealed class ConnectionLimitTests
{
    private static readonly (string, string) Proxy = ("MessageBus:Proxies:0", "127.0.0.1");

    // Those that only ask for a WebSocket keep their places for as long as a test takes, on whatever machine.
    private static readonly (string, string) Patient = ("MessageBus:Limits:ConnectTimeout", "00:10:00");

    [Fact]
    public async Task Beyond_all_places_is_503_until_one_is_given_back()
    {
        await using var gateway = GatewayApp.Start(Patient, ("MessageBus:Limits:MaxConnections", "3"));
        await using var here = await BusClient.ConnectAsync(gateway.Bus, "a");
        await using var there = await BusClient.ConnectAsync(gateway.Bus, "a");
        using var last = await Handshake.AskAsync(gateway.Http);
        Assert.Equal(101, last.Status);

        using var refused = await Handshake.AskAsync(gateway.Http);
        Assert.Equal(503, refused.Status);
        Assert.Equal(5, refused.RetryAfter);
        await here.SendAsync(new { type = "publish", channel = "a", payload = "undisturbed" });
        Assert.Equal("undisturbed", await there.ExpectTextAsync("a"));

        using var next = await last.MakeRoomAsync(() => Handshake.AskAsync(gateway.Http));
        using var again = await Handshake.AskAsync(gateway.Http);
        Assert.Equal(503, again.Status);
    }

    [Fact]
    public async Task Of_1000_that_come_at_once_exactly_100_get_in()
    {
        await using var gateway = GatewayApp.Start(Patient, ("MessageBus:Limits:MaxConnections", "100"));

        for (var round = 0; round < 2; round++)
        {
            var asked = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Handshake.AskAsync(gateway.Http)));

            Assert.Equal([(101, 100), (503, 900)], asked.CountBy(one => one.Status).OrderBy(one => one.Key).Select(one => (one.Key, one.Value)));
            Array.ForEach(asked, one => one.Dispose());
            await Eventually.TrueAsync(
                async () => (await gateway.GetJsonAsync("/api/connections")).GetArrayLength() is 0 && await AllPlacesAreFreeAsync(gateway), "all places are free again");
        }
    }

    [Fact]
    public async Task Beyond_the_places_of_an_address_is_429_and_another_address_gets_in()
    {
        await using var gateway = GatewayApp.Start(Patient, Proxy, ("MessageBus:Limits:MaxConnectionsPerAddress", "2"));
        using var first = await Handshake.FromAsync(gateway.Http, "192.0.2.1");
        using var second = await Handshake.FromAsync(gateway.Http, "192.0.2.1");
        Assert.Equal((101, 101), (first.Status, second.Status));

        using var refused = await Handshake.FromAsync(gateway.Http, "192.0.2.1");
        Assert.Equal((429, 5), (refused.Status, refused.RetryAfter));
        using var other = await Handshake.FromAsync(gateway.Http, "192.0.2.2");
        Assert.Equal(101, other.Status);

        using var next = await first.MakeRoomAsync(() => Handshake.FromAsync(gateway.Http, "192.0.2.1"));
    }

    [Fact]
    public async Task An_address_that_nobody_trusted_has_written_does_not_count()
    {
        await using var gateway = GatewayApp.Start(Patient, ("MessageBus:Limits:MaxConnectionsPerAddress", "1"));
        using var first = await Handshake.FromAsync(gateway.Http, "192.0.2.1");

        using var second = await Handshake.FromAsync(gateway.Http, "192.0.2.2");

        Assert.Equal((101, 429), (first.Status, second.Status));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Beyond_the_places_of_a_user_is_429_and_another_user_gets_in(bool ownSockets)
    {
        await using var app = await EmbeddingApp.StartAsync(
            redis: null,
            bus =>
            {
                if (ownSockets)
                {
                    bus.Services.AddSingleton<IConnectionListenerFactory, OwnedSocketListenerFactory>();
                }
            },
            Patient,
            ("MessageBus:Limits:MaxConnectionsPerUser", "2"),
            ("MessageBus:AllowAnonymous", "true"));
        using var first = await AskAsync(app, "42");
        await using var second = await app.ConnectAsync("42");

        using var refused = await AskAsync(app, "42");
        Assert.Equal((101, 429, 5), (first.Status, refused.Status, refused.RetryAfter));
        await using var other = await app.ConnectAsync("43", "a");
        await using var nobody = await BusClient.ConnectAsync(app.Bus);
        await using var nobodyElse = await BusClient.ConnectAsync(app.Bus);
        await using var nobodyAtAll = await BusClient.ConnectAsync(app.Bus);
        await second.PublishAsync("a", "undisturbed");
        Assert.Equal("undisturbed", await other.ExpectTextAsync("a"));

        using var next = await first.MakeRoomAsync(() => AskAsync(app, "42"));
    }

    [Fact]
    public async Task A_user_who_is_known_only_with_connect_is_closed_with_4429_and_another_user_gets_in()
    {
        await using var gateway = GatewayApp.Start(Patient, ("MessageBus:Jwt:Secret", Tokens.Secret), ("MessageBus:Limits:MaxConnectionsPerUser", "2"), ("MessageBus:Limits:MaxConnections", "4"));
        using var first = await Handshake.AskAsync(gateway.Http, $"Authorization: Bearer {Tokens.For("42")}");
        await using var second = await BusClient.OpenAsync(gateway.Bus);
        await ConnectAsync(second, "42");

        await using (var third = await BusClient.OpenAsync(gateway.Bus))
        {
            await third.SendAsync(new { type = "connect", token = Tokens.For("42") });
            Assert.Equal(4429, await third.ExpectCloseAsync());
        }

        await using var other = await BusClient.OpenAsync(gateway.Bus);
        await ConnectAsync(other, "43");
        await other.SubscribeAsync("a");
        await second.PublishAsync("a", "undisturbed");
        Assert.Equal("undisturbed", await other.ExpectTextAsync("a"));

        await second.CloseAsync();
        using var next = await Handshake.WaitForRoomAsync(() => Handshake.AskAsync(gateway.Http, $"Authorization: Bearer {Tokens.For("42")}"));

        static async Task ConnectAsync(BusClient client, string user)
        {
            await client.SendAsync(new { type = "connect", token = Tokens.For(user) });
            Assert.Equal(user, (await client.ExpectAsync("connected")).GetProperty("user").GetString());
        }
    }

    /// <summary>However a connection ends, and also where it never becomes one.</summary>
    [Theory]
    [InlineData("client's close frame")]
    [InlineData("reset")]
    [InlineData("closed by the gateway")]
    [InlineData("bad key")]
    [InlineData("unknown subprotocol")]
    [InlineData("foreign origin")]
    public async Task A_place_is_given_back(string end)
    {
        await using var gateway = GatewayApp.Start(("MessageBus:Limits:MaxConnections", "1"));
        switch (end)
        {
            case "bad key":
                (await Handshake.AskAsync(gateway.Http, "Sec-WebSocket-Key: short")).Dispose();
                break;

            case "unknown subprotocol":
                (await Handshake.AskAsync(gateway.Http, "Sec-WebSocket-Protocol: chat")).Dispose();
                break;

            case "foreign origin":
                (await Handshake.AskAsync(gateway.Http, "Origin: https://evil.example")).Dispose();
                break;

            default:
                using (var client = await RawWebSocket.ConnectAsync(gateway))
                {
                    await EndAsync(client, end);
                }

                break;
        }

        using var next = await Handshake.WaitForRoomAsync(() => Handshake.AskAsync(gateway.Http));
    }

    [Fact]
    public async Task Who_stays_silent_before_connect_gives_the_place_back_at_the_deadline()
    {
        var time = new FakeTimeProvider();
        await using var gateway = GatewayApp.Start(time, ("MessageBus:Limits:MaxConnections", "1"), ("MessageBus:Limits:ConnectTimeout", "00:00:10"));
        await using var silent = await BusClient.OpenAsync(gateway.Bus);

        // The client sees its upgrade answered a moment before its time begins to run.
        await Eventually.TrueAsync(async () => (await gateway.GetJsonAsync("/api/connections")).GetArrayLength() is 1, "the silent client is connected");
        time.Advance(TimeSpan.FromSeconds(9));
        using var refused = await Handshake.AskAsync(gateway.Http);
        Assert.Equal(503, refused.Status);

        var closed = silent.ExpectCloseAsync();
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return closed.IsCompleted;
            },
            "the silent client is closed");
        Assert.Equal(4408, await closed);
        using var next = await Handshake.WaitForRoomAsync(() => Handshake.AskAsync(gateway.Http));
    }

    private static Task<Handshake> AskAsync(EmbeddingApp app, string user) => Handshake.AskAsync(app.Http, $"Authorization: {TestScheme.Name} {user}");

    private static async Task EndAsync(RawWebSocket client, string end)
    {
        switch (end)
        {
            case "client's close frame":
                await client.SendAsync(RawWebSocket.Frame(RawWebSocket.Fin | RawWebSocket.CloseFrame, [0x03, 0xE8]));
                Assert.Equal(1000, await client.ReadCloseAsync());
                break;

            case "reset":
                client.Reset();
                break;

            default:
                await client.SendAsync(RawWebSocket.Frame(RawWebSocket.Fin | RawWebSocket.Text, Encoding.UTF8.GetBytes("not JSON")));
                Assert.Equal(4400, await client.ReadCloseAsync());
                break;
        }
    }

    /// <summary>The listing has none any more a moment before the places are given back.</summary>
    private static async Task<bool> AllPlacesAreFreeAsync(GatewayApp gateway)
    {
        var asked = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Handshake.AskAsync(gateway.Http)));
        var free = asked.Count(one => one.Status is 101);
        Array.ForEach(asked, one => one.Dispose());
        return free is 100;
    }
}
