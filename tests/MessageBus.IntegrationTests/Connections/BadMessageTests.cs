using System.Net.WebSockets;
using System.Text;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Connections;

/// <summary>Messages after which the gateway does not talk on: each has its close code, and nobody else feels it.</summary>
public sealed class BadMessageTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private readonly GatewayApp _gateway = shared.App;

    public static TheoryData<string> NotAMessage { get; } =
    [
        "hello",
        "",
        "{",
        "[]",
        """[{"type":"connect"}]""",
        "null",
        "\"connect\"",
        "{}",
        """{"id":1}""",
        """{"type":1}""",
        """{"type":null}""",
        """{"type":["connect"]}""",
        """{"type":"connect"} {"type":"connect"}""",
        """{"type":"connect",}""",
        """{'type':'connect'}""",
    ];

    [Theory]
    [MemberData(nameof(NotAMessage))]
    public async Task What_is_not_an_object_with_a_type_closes_with_4400(string text)
    {
        await using var client = await BusClient.OpenAsync(_gateway.Bus);
        await using var connected = await BusClient.ConnectAsync(_gateway.Bus);

        await client.SendTextAsync(text);
        await connected.SendTextAsync(text);

        Assert.Equal(4400, await client.ExpectCloseAsync());
        Assert.Equal(4400, await connected.ExpectCloseAsync());
        Assert.Equal("expected a JSON object with a type, connect first", client.CloseText);
        await GoodClient.IsServedByAsync(_gateway);
    }

    [Theory]
    [InlineData("""{"type":"subscribe","id":1,"channel":"a"}""")]
    [InlineData("""{"type":"publish","id":1,"channel":"a","payload":"x"}""")]
    [InlineData("""{"type":"pong"}""")]
    [InlineData("""{"type":"dance"}""")]
    [InlineData("""{"type":"connect","id":"1"}""")]
    public async Task A_first_message_that_is_no_connect_closes_with_4400(string text)
    {
        await using var client = await BusClient.OpenAsync(_gateway.Bus);

        await client.SendTextAsync(text);

        Assert.Equal(4400, await client.ExpectCloseAsync());
        await GoodClient.IsServedByAsync(_gateway);
    }

    [Fact]
    public async Task Nothing_behind_a_bad_message_is_done()
    {
        using var client = await RawWebSocket.OpenAsync(_gateway);
        await using var listener = await BusClient.ConnectAsync(_gateway.Bus, "behind");
        string[] messages = ["not JSON", """{"type":"connect"}""", """{"type":"publish","channel":"behind","payload":"x"}"""];

        // In one piece: sent one by one, the last could meet a connection that is closed already.
        await client.SendAsync(messages.SelectMany(message => RawWebSocket.Frame(RawWebSocket.Fin | RawWebSocket.Text, Encoding.UTF8.GetBytes(message))).ToArray());

        Assert.Equal(4400, await client.ReadCloseAsync());
        await listener.SendTextAsync("""{"type":"publish","channel":"behind","payload":"the only one"}""");
        Assert.Equal("the only one", await listener.ExpectTextAsync("behind"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(200_000)]
    public async Task A_binary_message_closes_with_1003(int length)
    {
        await using var client = await BusClient.ConnectAsync(_gateway.Bus);

        await client.SendBytesAsync(new byte[length], WebSocketMessageType.Binary);

        Assert.Equal(1003, await client.ExpectCloseAsync());
        await GoodClient.IsServedByAsync(_gateway);
    }

    [Theory]
    [InlineData("[", "]", 4400)]
    [InlineData("""{"type":"publish","id":1,"channel":"deep","payload":""", "}", null)]
    public async Task JSON_of_a_depth_of_100000_is_read_like_any_other(string before, string after, int? closeCode)
    {
        await using var gateway = GatewayApp.Start(("MessageBus:Limits:MaxMessageBytes", "1048576"), ("MessageBus:Limits:MaxPayloadBytes", "1048576"));
        await using var client = await BusClient.ConnectAsync(gateway.Bus);
        var deep = new string('[', 100_000) + new string(']', 100_000);

        await client.SendTextAsync(before + deep + after);

        if (closeCode is not null)
        {
            Assert.Equal(closeCode, await client.ExpectCloseAsync());
        }
        else
        {
            await client.ExpectAsync("published");
        }

        await GoodClient.IsServedByAsync(gateway);
    }

    [Fact]
    public async Task A_client_that_does_not_connect_in_time_is_closed_with_4408()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:Limits:ConnectTimeout", "00:00:03"));
        await using var good = await BusClient.ConnectAsync(gateway.Bus);
        await using var client = await BusClient.OpenAsync(gateway.Bus);

        Assert.Equal(4408, await client.ExpectCloseAsync());
        await good.PublishAsync("still", "here");
        await GoodClient.IsServedByAsync(gateway);
    }

    [Fact]
    public async Task Every_byte_a_message_can_begin_with_is_survived()
    {
        for (var first = 0; first < 128; first++)
        {
            await using var client = await BusClient.OpenAsync(_gateway.Bus);
            await client.SendTextAsync(Encoding.ASCII.GetString([(byte)first]) + "\"type\":\"connect\"}");

            if (first is '{')
            {
                await client.ExpectAsync("connected");
            }
            else
            {
                Assert.Equal(4400, await client.ExpectCloseAsync());
            }
        }

        await GoodClient.IsServedByAsync(_gateway);
    }
}
