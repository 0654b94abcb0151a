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
    public async Task One_that_has_subscriptions_leaves_none_behind()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:SubscriptionLinger", "00:00:00"));
        using var client = await RawWebSocket.ConnectAsync(gateway);
        for (var n = 0; n < 50; n++)
        {
            await client.SendAsync(Frame(Fin | Text, System.Text.Encoding.UTF8.GetBytes($$"""{"type":"subscribe","channel":"left/{{n}}"}""")));
        }

        client.EndSending();

        await client.ExpectEndAsync("the gateway ends its side");
        await Eventually.TrueAsync(async () => (await gateway.GetJsonAsync("/api/channels")).GetArrayLength() is 0, "no subscription is left");
    }
}
