using System.Buffers;

namespace MessageBus.EmbeddedRedis.Resp;

/// <summary>
/// Reads the commands of one client. It keeps its state between calls, so that bytes may arrive in any portions
/// and each is read once, and never throws. The texts of problems are Redis' own (networking.c, processMultibulkBuffer).
/// </summary>
/// <param name="maxCommandBytes">Bytes that one command may take in memory; what is longer is a protocol error.</param>
internal sealed class RespReader(int maxCommandBytes)
{
    /// <summary>PROTO_INLINE_MAX_SIZE of Redis: a line that has no end by then is not one.</summary>
    private const int MaxLineBytes = 64 * 1024;

    /// <summary>What an argument costs beyond its bytes. Counted, so that a million empty arguments are not free.</summary>
    private const int ArgumentOverheadBytes = 32;

    private const int LengthUnknown = -1;

    private readonly List<byte[]> _arguments = [];
    private long _commandBytes;
    private int _argumentsMissing;
    private int _bulkLength = LengthUnknown;

    /// <summary>The command that was read last: its name and its arguments. Gone with the next <see cref="Read"/>.</summary>
    public byte[][] Arguments { get; private set; } = [];

    /// <summary>Why the last result was <see cref="RespReadResult.ProtocolError"/>, as the client is told.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>
    /// command = "*" integer CRLF *bulk / inline<br/>
    /// bulk    = "$" integer CRLF *OCTET CRLF<br/>
    /// inline  = *(argument SP) LF<br/>
    /// https://redis.io/docs/latest/develop/reference/protocol-spec/#sending-commands-to-a-redis-server
    /// <para>Takes what it has used off <paramref name="input"/>. Commands without any argument (an empty line, <c>*0</c>) are skipped.</para>
    /// </summary>
    public RespReadResult Read(ref ReadOnlySequence<byte> input)
    {
        Arguments = [];
        while (_argumentsMissing > 0 || !input.IsEmpty)
        {
            var result = _argumentsMissing > 0 ? ReadBulk(ref input)
                : IsMultibulk(input) ? ReadCount(ref input)
                : ReadInline(ref input);
            if (result is not null)
            {
                return result.Value;
            }
        }

        return RespReadResult.NeedMore;
    }

    // The first segment of a sequence may be empty.
    private static bool IsMultibulk(in ReadOnlySequence<byte> input) =>
        new SequenceReader<byte>(input).TryPeek(out var first) && first == '*';

    // Each of these returns null when it has got one step further.
    private RespReadResult? ReadCount(ref ReadOnlySequence<byte> input)
    {
        if (!TryTakeHeader(ref input, out var header, out var tooLong))
        {
            return tooLong ? Fail("too big mbulk count string") : RespReadResult.NeedMore;
        }

        if (!RespInteger.TryParse(header.AsSpan(1), out var count) || count > int.MaxValue)
        {
            return Fail("invalid multibulk length");
        }

        _argumentsMissing = (int)Math.Max(count, 0);
        return null;
    }

    private RespReadResult? ReadBulk(ref ReadOnlySequence<byte> input)
    {
        if (_bulkLength == LengthUnknown)
        {
            return ReadBulkLength(ref input);
        }

        if (input.Length < _bulkLength + 2L)
        {
            return RespReadResult.NeedMore;
        }

        _arguments.Add(input.Slice(0, _bulkLength).ToArray());
        input = input.Slice(_bulkLength + 2L);
        _bulkLength = LengthUnknown;
        _argumentsMissing--;
        return _argumentsMissing == 0 ? Complete() : null;
    }

    private RespReadResult? ReadBulkLength(ref ReadOnlySequence<byte> input)
    {
        if (!TryTakeHeader(ref input, out var header, out var tooLong))
        {
            return tooLong ? Fail("too big bulk count string") : RespReadResult.NeedMore;
        }

        if (header is not [(byte)'$', ..])
        {
            var got = header is [var first, ..] ? (char)first : '\r';
            return Fail($"expected '$', got '{got}'");
        }

        if (!RespInteger.TryParse(header.AsSpan(1), out var length) || length < 0 || _commandBytes + length > maxCommandBytes)
        {
            return Fail("invalid bulk length");
        }

        _commandBytes += length + ArgumentOverheadBytes;
        _bulkLength = (int)length;
        return null;
    }

    private RespReadResult? ReadInline(ref ReadOnlySequence<byte> input)
    {
        if (input.PositionOf((byte)'\n') is not { } end)
        {
            return input.Length > MaxLineBytes ? Fail("too big inline request") : RespReadResult.NeedMore;
        }

        var line = input.Slice(0, end).ToArray();
        input = input.Slice(input.GetPosition(1, end));
        if (!InlineCommand.TrySplit(line is [.., (byte)'\r'] ? line.AsSpan(..^1) : line, _arguments))
        {
            return Fail("unbalanced quotes in request");
        }

        return _arguments.Count > 0 ? Complete() : null;
    }

    /// <summary>Takes the bytes up to CR, and the CR and the byte after it, which Redis does not look at either.</summary>
    private static bool TryTakeHeader(ref ReadOnlySequence<byte> input, out byte[] header, out bool tooLong)
    {
        header = [];
        tooLong = false;
        if (input.PositionOf((byte)'\r') is not { } end)
        {
            tooLong = input.Length > MaxLineBytes;
            return false;
        }

        var rest = input.Slice(end);
        if (rest.Length < 2)
        {
            return false;
        }

        header = input.Slice(0, end).ToArray();
        input = rest.Slice(2);
        return true;
    }

    private RespReadResult Complete()
    {
        Arguments = [.. _arguments];
        _arguments.Clear();
        _commandBytes = 0;
        return RespReadResult.Command;
    }

    private RespReadResult Fail(string problem)
    {
        Problem = "Protocol error: " + problem;
        return RespReadResult.ProtocolError;
    }
}
