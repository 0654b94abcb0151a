using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace MessageBus.Redis.Recording;

/// <summary>
/// A command as Redis takes it (https://redis.io/docs/latest/develop/reference/protocol-spec/):
/// <code>
/// command = "*" count CRLF 1*("$" length CRLF bytes CRLF)
/// </code>
/// </summary>
internal sealed class RespCommand
{
    private readonly ArrayBufferWriter<byte> _arguments = new(256);
    private int _count;

    public RespCommand(params ReadOnlySpan<string> arguments)
    {
        foreach (var argument in arguments)
        {
            Add(argument);
        }
    }

    public RespCommand Add(ReadOnlySpan<byte> argument)
    {
        WriteNumber('$', argument.Length);
        _arguments.Write(argument);
        _arguments.Write("\r\n"u8);
        _count++;
        return this;
    }

    public RespCommand Add(string argument)
    {
        WriteNumber('$', Encoding.UTF8.GetByteCount(argument));
        Encoding.UTF8.GetBytes(argument, _arguments);
        _arguments.Write("\r\n"u8);
        _count++;
        return this;
    }

    public RespCommand Add(long argument)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(argument, digits, out var length);
        return Add(digits[..length]);
    }

    public ReadOnlyMemory<byte> ToBytes()
    {
        var bytes = new ArrayBufferWriter<byte>(_arguments.WrittenCount + 16);
        WriteNumber(bytes, '*', _count);
        bytes.Write(_arguments.WrittenSpan);
        return bytes.WrittenMemory;
    }

    private void WriteNumber(char type, int number) => WriteNumber(_arguments, type, number);

    private static void WriteNumber(ArrayBufferWriter<byte> output, char type, int number)
    {
        var span = output.GetSpan(16);
        span[0] = (byte)type;
        Utf8Formatter.TryFormat(number, span[1..], out var length);
        "\r\n"u8.CopyTo(span[(length + 1)..]);
        output.Advance(length + 3);
    }
}
