using System.Text;
using System.Text.Json;
using MessageBus.Delivery;
using MessageBus.Protocol;
using MessageBus.UnitTests.Fakes;

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
        return means.GetProperty("type").GetString() switch
        {
            "connected" => ConnectCommand.Reply(
                id,
                means.StringOrNull("connection")!,
                means.StringOrNull("user"),
                TimeSpan.FromSeconds(means.GetProperty("pingInterval").GetInt32()),
                means.GetProperty("maxMessage").GetInt32(),
                means.NumberOrNull("expires")),
            "refreshed" => RefreshCommand.Reply(id, means.NumberOrNull("expires")),
            "subscribed" => SubscribeCommand.Reply(id, channel),
            "unsubscribed" when means.StringOrNull("reason") is "forbidden" => ServerMessage.Unsubscribed(channel, ErrorCode.Forbidden),
            "unsubscribed" => UnsubscribeCommand.Reply(id, channel),
            "published" => PublishCommand.Reply(id),
            "message" => Frames.PayloadOf(EncodedFrame.Publication(MessagePush.Head(channel), PayloadOf(means), maxBytes: 65536)!),
            "ping" => ServerMessage.Ping(),
            "gap" => ServerMessage.Gap(channel == default ? null : channel, GapReason.BrokerReconnected),
            "status" => ServerMessage.BrokerStatus(up: means.StringOrNull("broker") is "up"),
            "moving" => ServerMessage.Moving(TimeSpan.FromMilliseconds(means.GetProperty("within").GetInt32())),
            "error" => new CommandError(
                Enum.GetValues<ErrorCode>().Single(code => code.WireName() == means.StringOrNull("code")),
                messageOfError,
                means.StringOrNull("channel"),
                means.NumberOrNull("retryAfter") is { } wait ? TimeSpan.FromMilliseconds(wait) : null).Write(id),
            var type => throw new InvalidOperationException($"This test cannot write a {type}: add it, or list it as not sent yet."),
        };
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
