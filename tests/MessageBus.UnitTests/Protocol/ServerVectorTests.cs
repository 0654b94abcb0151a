using System.Text;
using System.Text.Json;
using MessageBus.Brokers;
using MessageBus.Protocol;
using MessageBus.UnitTests.Fakes;
using MessageBus.WebSockets;

namespace MessageBus.UnitTests.Protocol;

public sealed class ServerVectorTests
{
    public static TheoryData<string> Sent => [.. Vectors.Server.Keys];

    [Theory]
    [MemberData(nameof(Sent))]
    public void Frame_of_the_server_is_written_as_written_down(string name)
    {
        var expected = Vectors.Server[name].GetProperty("frame").GetString()!;

        var written = Write(Vectors.Server[name].GetProperty("means"), messageOfError: MessageIn(expected));

        Assert.Equal(expected, Encoding.UTF8.GetString(written));
    }

    private static byte[] Write(JsonElement means, string messageOfError)
    {
        var id = means.NumberOrNull("id");
        var channel = means.StringOrNull("channel") is { } text ? ChannelName.Parse(text) : default;
        if (means.GetProperty("type").GetString() is "message")
        {
            var publication = new Publication(channel, PayloadOf(means), ReceivedAt: 1);
            return Frames.PayloadOf(WebSocketEncoding.Instance.Encode(publication, WebSocketEncoding.Instance.Head(channel), maxBytes: 65536)!);
        }

        ServerMessage message = means.GetProperty("type").GetString() switch
        {
            "connected" => new ConnectCommand.Reply(
                id,
                means.StringOrNull("connection")!,
                means.StringOrNull("user"),
                TimeSpan.FromSeconds(means.GetProperty("pingInterval").GetInt32()),
                means.GetProperty("maxMessage").GetInt32(),
                means.NumberOrNull("expires"),
                LimitsOf(means.GetProperty("limits"))),
            "refreshed" => new RefreshCommand.Reply(id, means.NumberOrNull("expires")),
            "subscribed" => new SubscribeCommand.Reply(id, channel),
            "unsubscribed" when means.StringOrNull("reason") is "forbidden" => new ServerMessage.Unsubscribed(channel, ErrorCode.Forbidden),
            "unsubscribed" => new UnsubscribeCommand.Reply(id, channel),
            "published" => new PublishCommand.Reply(id),
            "ping" => new ServerMessage.Ping(),
            "pong" => new PingCommand.Reply(id),
            "gap" => new ServerMessage.Gap(channel == default ? null : channel, GapReason.BrokerReconnected),
            "status" => new ServerMessage.BrokerStatus(IsUp: means.StringOrNull("broker") is "up"),
            "moving" => new ServerMessage.Moving(TimeSpan.FromMilliseconds(means.GetProperty("within").GetInt32())),
            "error" => new CommandError.Reply(id, new CommandError(
                Enum.GetValues<ErrorCode>().Single(code => code.WireName() == means.StringOrNull("code")),
                messageOfError,
                means.StringOrNull("channel"),
                means.NumberOrNull("retryAfter") is { } wait ? TimeSpan.FromMilliseconds(wait) : null)),
            var type => throw new InvalidOperationException($"This test cannot write a {type}: add it, or list it as not sent yet."),
        };
        return message.WriteJson().ToArray();
    }

    private static CommandLimits LimitsOf(JsonElement limits)
    {
        int Of(string name) => limits.GetProperty(name).GetInt32();
        return new(Of("commands"), Of("commandBurst"), Of("publishes"), Of("subscribes"), Of("subscriptions"));
    }

    private static byte[] PayloadOf(JsonElement means) =>
        means.StringOrNull("payload") is { } text ? Encoding.UTF8.GetBytes(text) : means.GetProperty("payloadBase64").GetBytesFromBase64();

    /// <summary>The sentence of an error is for people: the vectors do not say what it means.</summary>
    private static string MessageIn(string frame)
    {
        using var document = JsonDocument.Parse(frame);
        return document.RootElement.StringOrNull("message") ?? "";
    }
}
