using System.Buffers.Binary;

namespace MessageBus.IntegrationTests.Hostile.Fuzz;

/// <summary>The frames of the gateway (RFC 6455 section 5.2), many to a read.</summary>
internal sealed class ServerFrames(Stream stream)
{
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>The head of the answer to the upgrade.</summary>
    public async Task SkipHeadAsync()
    {
        int length;
        while ((length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
        {
            Assert.True(await FillAsync(), "The gateway ended the connection before it had answered the upgrade.");
        }

        Assert.True(_buffer.AsSpan(_start).StartsWith("HTTP/1.1 101 "u8), "The upgrade was refused.");
        _start += length + 4;
    }

    /// <summary>The next frame; null at the end of the connection, in whatever way it comes.</summary>
    public async Task<(byte First, byte[] Payload)?> NextAsync()
    {
        while (true)
        {
            if (TryTake(out var frame))
            {
                return frame;
            }

            if (!await FillAsync())
            {
                return null;
            }
        }
    }

    private bool TryTake(out (byte First, byte[] Payload) frame)
    {
        frame = default;
        var rest = _buffer.AsSpan(_start, _end - _start);
        if (rest.Length < 2)
        {
            return false;
        }

        var header = rest[1] switch { 126 => 4, 127 => 10, _ => 2 };
        if (rest.Length < header)
        {
            return false;
        }

        var length = header switch { 4 => BinaryPrimitives.ReadUInt16BigEndian(rest[2..]), 10 => (int)BinaryPrimitives.ReadInt64BigEndian(rest[2..]), _ => rest[1] };
        if (rest.Length < header + length)
        {
            return false;
        }

        frame = (rest[0], rest.Slice(header, length).ToArray());
        _start += header + length;
        return true;
    }

    private async Task<bool> FillAsync()
    {
        if (_start > 0)
        {
            Array.Copy(_buffer, _start, _buffer, 0, _end - _start);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        try
        {
            var count = await stream.ReadAsync(_buffer.AsMemory(_end));
            _end += count;
            return count > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
