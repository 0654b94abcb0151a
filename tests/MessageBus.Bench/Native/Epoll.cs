using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MessageBus.Bench.Native;

/// <summary>
/// Readiness of many descriptors on one thread. Each descriptor is registered with a number of the caller's choice,
/// which comes back when the descriptor is readable, writable, closed or failed: again and again until nothing is left to read,
/// or, edge-triggered, once for each arrival, which spares the kernel a second look at every socket. Then a reader has to go on
/// until a read is shorter than its buffer (epoll(7), questions and answers, 9).
/// </summary>
internal sealed unsafe class Epoll : IDisposable
{
    private const int Capacity = 512;
    private const int Add = 1;
    private const int Remove = 2;
    private const int Modify = 3;
    private const uint Readable = 0x001;
    private const uint Writable = 0x004;
    private const uint EdgeTriggered = 1u << 31;

    // struct epoll_event is packed on x86-64 only.
    private static readonly int Stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int NumberOffset = Stride - sizeof(long);

    private readonly int _fd;
    private readonly byte* _events;
    private readonly uint _mode;

    public Epoll(bool edgeTriggered)
    {
        _mode = edgeTriggered ? EdgeTriggered : 0;
        _fd = Libc.epoll_create1(0);
        if (_fd < 0)
            throw Libc.Failure("epoll_create1");
        _events = (byte*)NativeMemory.AllocZeroed((nuint)(Stride * Capacity));
    }

    public void Watch(int fd, long number, bool untilWritable = false) => Control(Add, fd, number, untilWritable);

    public void WatchReadable(int fd, long number) => Control(Modify, fd, number, untilWritable: false);

    public void Forget(int fd) => Control(Remove, fd, 0, untilWritable: false);

    /// <summary>Waits at most <paramref name="nanoseconds"/> (negative: for ever) and returns how many numbers <see cref="Ready"/> now has.</summary>
    public int Wait(long nanoseconds)
    {
        var timeout = new Libc.TimeSpec { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
        var count = Libc.epoll_pwait2(_fd, _events, Capacity, nanoseconds < 0 ? null : &timeout, null);
        return Math.Max(count, 0);
    }

    public long Ready(int index) => Unsafe.ReadUnaligned<long>(_events + index * Stride + NumberOffset);

    public void Dispose()
    {
        _ = Libc.close(_fd);
        NativeMemory.Free(_events);
    }

    private void Control(int operation, int fd, long number, bool untilWritable)
    {
        var change = stackalloc byte[16];
        Unsafe.WriteUnaligned(change, _mode | (untilWritable ? Writable : Readable));
        Unsafe.WriteUnaligned(change + NumberOffset, number);
        if (Libc.epoll_ctl(_fd, operation, fd, change) < 0)
            throw Libc.Failure("epoll_ctl");
    }
}
