using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using MessageBus.IntegrationTests.Support;
using MessageBus.Protocol;

namespace MessageBus.IntegrationTests.Hostile.Fuzz;

/// <summary>
/// One connection of the fuzzer. First mutated messages, behind each of which stands a probe, a command whose answer is known: what comes before the probe's
/// answer answers the message. Then one mutated frame, a close frame and the end of the stream.
/// </summary>
internal sealed class FuzzedConnection(Random random)
{
    private const int MostMessages = 40;
    private const int FirstProbe = 1_000_000_000;

    private static readonly HashSet<string> Pushes = ["message", "gap", "ping", "status"];
    private static readonly HashSet<string> Answers = ["connected", "subscribed", "unsubscribed", "published", "refreshed", "error"];
    private static readonly HashSet<string> Errors = [.. Enum.GetValues<ErrorCode>().Where(code => code is not ErrorCode.Internal).Select(code => code.WireName())];

    // What the protocol's document has for what a client does wrong.
    private static readonly HashSet<int> CodesForMessages = [1007, 1009, 4400];
    private static readonly HashSet<int> CodesForFrames = [1000, 1002, 1003, 1007, 1009, 4400];

    private readonly MessageMutator _messages = new(random);
    private readonly FrameMutator _frames = new(random);

    /// <summary>Runs it to its end. Returns how many mutated frames the gateway has taken.</summary>
    public async Task<int> RunAsync(Uri http)
    {
        using var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(http.Host, http.Port);
        var stream = tcp.GetStream();
        var received = new ServerFrames(stream);
        var batch = Enumerable.Range(0, random.Next(1, MostMessages)).Select(_ => _messages.Next()).ToList();

        var sending = stream.WriteAsync(Bytes(batch)).AsTask();
        await received.SkipHeadAsync();
        var answered = await ReadAnswersAsync(received, batch);
        await sending;
        if (answered < batch.Count)
        {
            return answered + 1;
        }

        await EndWithFrameAsync(stream, received, tcp.Client);
        return batch.Count + 1;
    }

    private byte[] Bytes(List<FuzzedMessage> batch)
    {
        var bytes = new List<byte>(Encoding.ASCII.GetBytes(RawHttp.Upgrade() + "\r\n"));
        bytes.AddRange(_frames.Masked(RawWebSocket.Fin | RawWebSocket.Text, """{"type":"connect"}"""u8.ToArray()));
        foreach (var (n, message) in batch.Index())
        {
            bytes.AddRange(_frames.Masked(RawWebSocket.Fin | RawWebSocket.Text, message.Text));
            bytes.AddRange(_frames.Masked(RawWebSocket.Fin | RawWebSocket.Text, Encoding.ASCII.GetBytes($$"""{"type":"unsubscribe","id":{{FirstProbe + n}},"channel":"nobody/has/this"}""")));
        }

        return [.. bytes];
    }

    /// <summary>How many messages were answered by something else than the end of the connection.</summary>
    private static async Task<int> ReadAnswersAsync(ServerFrames received, List<FuzzedMessage> batch)
    {
        var answered = 0;
        var isAnswered = false;
        Assert.Equal("connected", TypeOf(await received.NextAsync(), out _));
        while (answered < batch.Count)
        {
            var frame = await received.NextAsync();
            if (frame is not { } got || got.First == (RawWebSocket.Fin | RawWebSocket.CloseFrame))
            {
                var code = CloseCodeOf(frame);
                Assert.True(code is { } known && CodesForMessages.Contains(known), $"Closed with {code} after {Encoding.UTF8.GetString(batch[answered].Text)}");
                return answered;
            }

            var type = TypeOf(frame, out var id);
            if (id == FirstProbe + answered)
            {
                Assert.True(isAnswered || !batch[answered].IsOwedAnAnswer, $"No answer to {Encoding.UTF8.GetString(batch[answered].Text)}");
                answered++;
                isAnswered = false;
            }
            else
            {
                isAnswered |= Answers.Contains(type);
            }
        }

        return answered;
    }

    private async Task EndWithFrameAsync(NetworkStream stream, ServerFrames received, Socket socket)
    {
        byte[] sent = [.. _frames.Next(), .. RawWebSocket.Frame(RawWebSocket.Fin | RawWebSocket.CloseFrame, [0x03, 0xE8])];
        try
        {
            await stream.WriteAsync(sent);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The gateway was faster to end the connection.
        }

        // No close frame where the end came in the middle of a frame that promised more.
        while (await received.NextAsync() is { } got)
        {
            if (got.First == (RawWebSocket.Fin | RawWebSocket.CloseFrame))
            {
                var code = CloseCodeOf(got);
                Assert.True(code is null || CodesForFrames.Contains(code.Value) || code == OwnCloseCode(sent), $"Closed with {code} after {Convert.ToHexString(sent)}");
            }
            else if (got.First == (RawWebSocket.Fin | RawWebSocket.Text))
            {
                TypeOf(got, out _);
            }
        }
    }

    /// <summary>The type of a message, which must be one of the protocol's.</summary>
    private static string TypeOf((byte First, byte[] Payload)? frame, out int? id)
    {
        Assert.True(frame is { First: RawWebSocket.Fin | RawWebSocket.Text }, $"Not a text message: {frame?.First:x}");
        using var json = JsonDocument.Parse(frame!.Value.Payload);
        var type = json.RootElement.GetProperty("type").GetString()!;
        id = json.RootElement.TryGetProperty("id", out var number) ? number.GetInt32() : null;
        Assert.True(Answers.Contains(type) || Pushes.Contains(type), $"Not a message of the protocol: {json.RootElement}");
        Assert.True(type is not "error" || Errors.Contains(json.RootElement.GetProperty("code").GetString()!), $"Not an error for a client: {json.RootElement}");
        return type;
    }

    /// <summary>The code of the first close frame among what the client has sent, which is echoed (RFC 6455 section 5.5.1); null where none has one.</summary>
    private static int? OwnCloseCode(ReadOnlySpan<byte> sent)
    {
        while (sent.Length >= 8 && sent[1] >= 0x80)
        {
            var (start, length) = (sent[1] & 0x7F) switch
            {
                126 => (8, BinaryPrimitives.ReadUInt16BigEndian(sent[2..])),
                127 => (sent.Length, 0),
                var small => (6, small),
            };
            if (sent[0] == (RawWebSocket.Fin | RawWebSocket.CloseFrame) && start is 6)
            {
                return length < 2 ? null : ((sent[6] ^ sent[2]) << 8) | (sent[7] ^ sent[3]);
            }

            sent = sent[Math.Min(start + length, sent.Length)..];
        }

        return null;
    }

    private static int? CloseCodeOf((byte First, byte[] Payload)? frame) => frame is { Payload.Length: >= 2 } got ? BinaryPrimitives.ReadUInt16BigEndian(got.Payload) : null;
}
