using System.Buffers.Binary;

namespace MessageBus.Bench.Load;

/// <summary>
/// Reads what a server sends on a WebSocket (RFC 6455 section 5.2, server to client: never masked) in whatever pieces the socket gives.
/// A record is one message, or, where the dialect has an end mark (SignalR: 0x1E), what stands between two marks, since such a server
/// may put several records into one message. A record that lies whole in the input is handed on without a copy; of one that does not,
/// the first <see cref="HeldBytes"/> are kept, which is enough to recognise it.
/// </summary>
internal abstract class RecordReader(byte? endMark)
{
    private const int HeldBytes = 1024;
    private const int LongestHeader = 10;

    private readonly byte[] _header = new byte[LongestHeader];
    private int _headerFill;
    private bool _insideFrame;
    private long _payloadLeft;
    private byte _opcode;
    private bool _final;
    private byte[]? _held;
    private int _heldLength;
    private byte[]? _control;
    private int _controlLength;

    protected abstract void OnRecord(ReadOnlySpan<byte> record);

    protected abstract void OnPing(ReadOnlySpan<byte> payload);

    protected abstract void OnClose(ReadOnlySpan<byte> payload);

    protected void ReadFrames(ReadOnlySpan<byte> input)
    {
        while (!input.IsEmpty)
        {
            if (!_insideFrame && !TryTakeHeader(ref input))
                return;
            _insideFrame = true;
            var piece = input[..(int)Math.Min(_payloadLeft, input.Length)];
            input = input[piece.Length..];
            _payloadLeft -= piece.Length;
            _insideFrame = _payloadLeft > 0;
            if (_opcode < 8)
                TakePayload(piece, endOfMessage: !_insideFrame && _final);
            else
                TakeControl(piece, endOfFrame: !_insideFrame);
        }
    }

    private bool TryTakeHeader(ref ReadOnlySpan<byte> input)
    {
        if (_headerFill == 0 && input.Length >= 2 && input.Length >= HeaderSize(input[1]))
        {
            ParseHeader(input);
            input = input[HeaderSize(input[1])..];
            return true;
        }

        while (!input.IsEmpty)
        {
            _header[_headerFill++] = input[0];
            input = input[1..];
            if (_headerFill < 2 || _headerFill < HeaderSize(_header[1]))
                continue;
            ParseHeader(_header);
            _headerFill = 0;
            return true;
        }

        return false;
    }

    private static int HeaderSize(byte length) => length switch { 126 => 4, 127 => 10, _ => 2 };

    private void ParseHeader(ReadOnlySpan<byte> header)
    {
        _final = (header[0] & 0x80) != 0;
        _opcode = (byte)(header[0] & 0x0F);
        _payloadLeft = header[1] switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(header[2..]),
            127 => BinaryPrimitives.ReadInt64BigEndian(header[2..]),
            var length => length,
        };
    }

    private void TakePayload(ReadOnlySpan<byte> piece, bool endOfMessage)
    {
        if (endMark is { } mark)
        {
            for (var end = piece.IndexOf(mark); end >= 0; end = piece.IndexOf(mark))
            {
                EndRecord(piece[..end]);
                piece = piece[(end + 1)..];
            }

            Hold(piece);
        }
        else if (endOfMessage)
        {
            EndRecord(piece);
        }
        else
        {
            Hold(piece);
        }
    }

    private void EndRecord(ReadOnlySpan<byte> piece)
    {
        if (_heldLength == 0)
        {
            OnRecord(piece);
            return;
        }

        Hold(piece);
        var length = _heldLength;
        _heldLength = 0;
        OnRecord(_held.AsSpan(0, length));
    }

    private void Hold(ReadOnlySpan<byte> piece)
    {
        if (piece.IsEmpty)
            return;
        _held ??= new byte[HeldBytes];
        var kept = piece[..Math.Min(piece.Length, HeldBytes - _heldLength)];
        kept.CopyTo(_held.AsSpan(_heldLength));
        _heldLength += kept.Length;
    }

    private void TakeControl(ReadOnlySpan<byte> piece, bool endOfFrame)
    {
        _control ??= new byte[125];
        piece.CopyTo(_control.AsSpan(_controlLength));
        _controlLength += piece.Length;
        if (!endOfFrame)
            return;
        var payload = _control.AsSpan(0, _controlLength);
        _controlLength = 0;
        if (_opcode == 9)
            OnPing(payload);
        else if (_opcode == 8)
            OnClose(payload);
    }
}
