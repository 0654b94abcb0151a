using System.Runtime.InteropServices;
using MessageBus.Bench.Native;

namespace MessageBus.Bench.Load;

/// <summary>A non-blocking TCP connection of the load generator, without TLS.</summary>
internal unsafe class ClientSocket(int fd)
{
    public const int NothingNow = -1;
    public const int Ended = 0;

    public int Fd => fd;

    /// <summary>Whether a read that does not fill the buffer means that nothing is left; otherwise only <see cref="NothingNow"/> does.</summary>
    public virtual bool ShortReadIsLast => true;

    /// <summary>Goes on with the set-up after the socket became writable or readable; true when bytes can be exchanged.</summary>
    /// <exception cref="IOException">The set-up failed.</exception>
    public virtual bool Continue() => true;

    /// <summary>The number of bytes read, <see cref="Ended"/> or <see cref="NothingNow"/>.</summary>
    public virtual int Receive(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var count = (int)Libc.recv(fd, start, buffer.Length, 0);
            return count >= 0 ? count : Marshal.GetLastPInvokeError() == Libc.Again ? NothingNow : Ended;
        }
    }

    /// <summary>Sends the whole of <paramref name="bytes"/>. A client's few short messages always fit into the kernel's buffer.</summary>
    /// <exception cref="IOException">They did not, or the connection is gone.</exception>
    public virtual void Send(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            if (Libc.send(fd, start, bytes.Length, Libc.NoSignal) != bytes.Length)
                throw Libc.Failure("send");
        }
    }

    public virtual void Close() => _ = Libc.close(fd);
}
