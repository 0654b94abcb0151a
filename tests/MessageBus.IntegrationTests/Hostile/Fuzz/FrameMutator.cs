using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Hostile.Fuzz;

/// <summary>Frames of a client that are wrong as frames (RFC 6455 section 5.2), mostly. The same for the same random numbers.</summary>
internal sealed class FrameMutator(Random random)
{
    public byte[] Next() => random.Next(10) switch
    {
        0 => RawWebSocket.Frame(random.Next(256), Bytes(random.Next(300))),
        1 => RawWebSocket.Frame(random.Next(256), Bytes(random.Next(300)), masked: false),
        2 => Bytes(random.Next(1, 100)),
        3 => [.. RawWebSocket.Header(random.Next(256), random.NextInt64()), .. Bytes(random.Next(200))],
        4 => [(byte)random.Next(256), (byte)(0x80 | 127), .. Bytes(8), .. Bytes(4), .. Bytes(random.Next(200))],
        5 => RawWebSocket.Frame(RawWebSocket.Fin | random.Next(8, 16), Bytes(random.Next(140))),
        6 => Fragments(),
        7 => RawWebSocket.Frame(RawWebSocket.Fin | RawWebSocket.Text, Bytes(random.Next(1, 200))),
        8 => RawWebSocket.Frame(RawWebSocket.Fin | RawWebSocket.CloseFrame, [(byte)random.Next(16), .. Bytes(random.Next(130))]),
        _ => Masked(RawWebSocket.Fin | RawWebSocket.Text, Bytes(random.Next(3000))),
    };

    /// <summary>A good frame with a masking key, as every browser sends it.</summary>
    public byte[] Masked(int first, byte[] payload)
    {
        var frame = RawWebSocket.Frame(first, payload);
        var key = Bytes(4);
        var start = frame.Length - payload.Length;
        key.CopyTo(frame, start - 4);
        for (var n = 0; n < payload.Length; n++)
        {
            frame[start + n] ^= key[n & 3];
        }

        return frame;
    }

    private byte[] Fragments()
    {
        var text = """{"type":"subscribe","id":1,"channel":"fuzz/naïve/😀"}"""u8.ToArray();
        var frames = new List<byte>();
        var at = 0;
        while (at < text.Length)
        {
            var count = Math.Min(random.Next(20), text.Length - at);
            var opcode = (at is 0) == (random.Next(20) > 0) ? RawWebSocket.Text : RawWebSocket.Continuation;
            frames.AddRange(RawWebSocket.Frame(opcode | (random.Next(30) is 0 ? RawWebSocket.Fin : 0), text.AsSpan(at, count)));
            at += count;
            if (random.Next(5) is 0)
            {
                frames.AddRange(RawWebSocket.Frame(RawWebSocket.Fin | RawWebSocket.Ping, Bytes(random.Next(126))));
            }
        }

        frames.AddRange(RawWebSocket.Frame(RawWebSocket.Fin | RawWebSocket.Continuation, []));
        return [.. frames];
    }

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
