using System.Text;
using System.Text.Json;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Protocol;

public sealed class ClientVectorTests
{
    public static TheoryData<string> Names => [.. Vectors.Client.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Frame_of_a_client_is_understood_as_written_down(string name)
    {
        var vector = Vectors.Client[name];

        var command = Commands.Read(Encoding.UTF8.GetBytes(vector.GetProperty("frame").GetString()!));

        if (vector.TryGetProperty("means", out var means))
        {
            AssertMeans(means, command!);
        }
        else if (vector.TryGetProperty("error", out var error))
        {
            var invalid = Assert.IsType<InvalidCommand>(command);
            Assert.Equal(error.GetString(), invalid.Error.Code.WireName());
            Assert.Equal(vector.NumberOrNull("id"), invalid.Id);
            Assert.NotEmpty(invalid.Error.Message);
        }
        else
        {
            Assert.Equal(4400, vector.GetProperty("close").GetInt32());
            Assert.Null(command);
        }
    }

    private static void AssertMeans(JsonElement means, Command command)
    {
        Assert.Equal(means.NumberOrNull("id"), command.Id);
        switch (means.GetProperty("type").GetString())
        {
            case "connect":
                var connect = Assert.IsType<ConnectCommand>(command);
                Assert.Equal(means.StringOrNull("token"), connect.Token);
                Assert.Equal(
                    means.GetProperty("subscriptions").EnumerateArray().Select(channel => channel.GetString()!),
                    connect.Subscriptions);
                break;

            case "subscribe":
                Assert.Equal(means.StringOrNull("channel"), Assert.IsType<SubscribeCommand>(command).Channel.Value);
                break;

            case "unsubscribe":
                Assert.Equal(means.StringOrNull("channel"), Assert.IsType<UnsubscribeCommand>(command).Channel.Value);
                break;

            case "publish":
                var publish = Assert.IsType<PublishCommand>(command);
                Assert.Equal(means.StringOrNull("channel"), publish.Channel.Value);
                Assert.Equal(PayloadOf(means), publish.Payload);
                break;

            case "refresh":
                Assert.Equal(means.StringOrNull("token"), Assert.IsType<RefreshCommand>(command).Token);
                break;

            case "ping":
                Assert.IsType<PingCommand>(command);
                break;

            case "pong":
                Assert.IsType<PongCommand>(command);
                break;

            default:
                Assert.Fail($"This test does not know the type of {means}.");
                break;
        }
    }

    private static byte[] PayloadOf(JsonElement means) =>
        means.StringOrNull("payload") is { } text ? Encoding.UTF8.GetBytes(text) : means.GetProperty("payloadBase64").GetBytesFromBase64();
}
