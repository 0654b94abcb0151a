using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using MessageBus.IntegrationTests.Support;
using static MessageBus.IntegrationTests.Support.RawWebSocket;

namespace MessageBus.IntegrationTests.Hostile;

/// <summary>Clients whose transport ends in the middle of something. (A TCP reset in the middle of a message: BadFrameTests.)</summary>
public sealed class VanishingClientTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private readonly GatewayApp _gateway = shared.App;

    public static TheoryData<string, byte[]> LastWords { get; } = new()
    {
        { "nothing", [] },
        { "half a header", [Fin | Text] },
        { "a header without its length", [Fin | Text, 0xFE, 0x01] },
        { "a header without its mask", [Fin | Text, 0x85, 0, 0] },
        { "half a message", [.. Header(Fin | Text, 1000), .. new byte[500]] },
        { "the first of several fragments", Frame(Text, "{"u8) },
        { "half a ping", [.. Header(Fin | Ping, 100), .. new byte[50]] },
    };

    [Theory]
    [MemberData(nameof(LastWords), DisableDiscoveryEnumeration = true)]
    public async Task One_that_ends_its_side_without_a_close_frame_is_let_go(string what, byte[] lastWords)
    {
        using var connected = await RawWebSocket.ConnectAsync(_gateway);
        using var open = await RawWebSocket.OpenAsync(_gateway);

        foreach (var client in new[] { connected, open })
        {
            await client.SendAsync(lastWords);
            client.EndSending();
            await client.ExpectEndAsync($"the gateway ends its side after {what}");
        }

        await Eventually.TrueAsync(async () => (await _gateway.GetJsonAsync("/api/connections")).GetArrayLength() is 0, $"no connection is left after {what}");
        await GoodClient.IsServedByAsync(_gateway);
    }

    [Fact]
    public async Task One_whose_network_swallows_everything_is_let_go_after_the_heartbeats_limit_and_nobody_else_is()
    {
        var time = new FakeTimeProvider();
        await using var gateway = GatewayApp.Start(time, ("MessageBus:Delivery:SubscriptionLinger", "00:00:00"));
        await using var proxy = new TcpProxy(gateway.Http.Port);
        await using var gone = await BusClient.ConnectAsync(new UriBuilder(gateway.Bus) { Port = proxy.Port }.Uri, "half/open");
        await using var here = await BusClient.ConnectAsync(gateway.Bus);

        proxy.Swallow();
        var seconds = 0;
        while (await ConnectionsAsync(gateway) is 2)
        {
            await here.SendAsync(new { type = "publish", id = 1 + seconds, channel = "time", payload = "passes" });
            while ((await here.NextAsync()).GetProperty("type").GetString() is "ping")
            {
            }

            time.Advance(TimeSpan.FromSeconds(1));
            seconds++;
        }

        // Twice the ping interval and 10 s; then the close frame, which is not answered either. Moments of the gateway are seconds of this clock.
        Assert.InRange(seconds, 60, 60 + 60);
        await Eventually.TrueAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return (await gateway.GetJsonAsync("/api/channels")).GetArrayLength() is 0;
            },
            "nothing is subscribed for the one that is gone");
        await GoodClient.IsServedByAsync(gateway);
    }

    [Fact]
    public async Task One_that_has_subscriptions_leaves_none_behind()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:Delivery:SubscriptionLinger", "00:00:00"));
        using var client = await RawWebSocket.ConnectAsync(gateway);
        for (var n = 0; n < 50; n++)
        {
            await client.SendAsync(Frame(Fin | Text, Encoding.UTF8.GetBytes($$"""{"type":"subscribe","channel":"left/{{n}}"}""")));
        }

        client.EndSending();

        await client.ExpectEndAsync("the gateway ends its side");
        await Eventually.TrueAsync(async () => (await gateway.GetJsonAsync("/api/channels")).GetArrayLength() is 0, "no subscription is left");
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task One_that_resets_before_it_has_read_its_answers_is_no_fault_of_the_gateway(string scheme)
    {
        await using var gateway = await SeparateGateway.StartAsync("--urls=http://127.0.0.1:0;https://127.0.0.1:0");
        var address = gateway.Addresses.First(address => address.Scheme == scheme);
        var requests = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n", 20)));

        // As a balancer does that has seen the status of its health check.
        for (var n = 0; n < 10; n++)
        {
            using var tcp = new TcpClient { LingerState = new LingerOption(enable: true, seconds: 0) };
            await tcp.ConnectAsync(address.Host, address.Port);
            await using Stream stream = scheme is "https" ? new SslStream(tcp.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true) : tcp.GetStream();
            await ((stream as SslStream)?.AuthenticateAsClientAsync("localhost") ?? Task.CompletedTask);
            await stream.WriteAsync(requests);
            Assert.NotEqual(0, await stream.ReadAtLeastAsync(new byte[1], 1));
            tcp.Client.Close(timeout: 0);
        }

        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.DoesNotContain(gateway.Lines, line => line.Contains(" ERR ", StringComparison.Ordinal) || line.Contains("Exception", StringComparison.Ordinal));
    }

    private static async Task<int> ConnectionsAsync(GatewayApp gateway) => (await gateway.GetJsonAsync("/api/connections")).GetArrayLength();
}
