using System.Runtime.InteropServices;

namespace MessageBus.Bench.Native;

/// <summary>The few system calls that the load generator and the floor make without going through System.Net.Sockets.</summary>
internal static unsafe partial class Libc
{
    public const int Again = 11;
    public const int InProgress = 115;
    public const int NoSignal = 0x4000;

    private const int Internet = 2;
    private const int Stream = 1;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int SocketLevel = 1;
    private const int ReceiveBuffer = 8;
    private const int IpLevel = 0;
    private const int BindAddressNoPort = 24;
    private const int TcpLevel = 6;
    private const int TcpNoDelay = 1;
    private const int SetTimerSlack = 29;

    /// <summary>
    /// Starts to connect to 127.0.0.1:<paramref name="port"/> from 127.0.0.<paramref name="sourceHost"/>
    /// (several source addresses, because one has only 28,000 ephemeral ports) and returns the descriptor.
    /// </summary>
    public static int BeginConnect(int port, byte sourceHost, int? receiveBuffer)
    {
        var fd = socket(Internet, Stream | NonBlocking | CloseOnExec, 0);
        if (fd < 0)
            throw Failure("socket");
        SetOption(fd, TcpLevel, TcpNoDelay, 1);
        SetOption(fd, IpLevel, BindAddressNoPort, 1);
        if (receiveBuffer is { } bytes)
            SetOption(fd, SocketLevel, ReceiveBuffer, bytes);
        var source = Address(sourceHost, 0);
        if (bind(fd, &source, sizeof(SocketAddress)) < 0)
            throw Failure("bind");
        var target = Address(1, port);
        if (connect(fd, &target, sizeof(SocketAddress)) < 0 && Marshal.GetLastPInvokeError() != InProgress)
            throw Failure("connect");
        return fd;
    }

    /// <summary>Lets timers of this thread fire when they are due instead of up to 50 us later.</summary>
    public static void MakeTimersPrecise() => _ = prctl(SetTimerSlack, 1, 0, 0, 0);

    public static IOException Failure(string call) =>
        new($"{call}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recv(int fd, byte* buffer, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint send(int fd, byte* buffer, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int fd);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_ctl(int epoll, int operation, int fd, byte* change);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_pwait2(int epoll, byte* events, int capacity, TimeSpec* timeout, void* signals);

    [LibraryImport("libc")]
    private static partial int prctl(int option, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(int fd, SocketAddress* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(int fd, SocketAddress* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int fd, int level, int option, int* value, int length);

    private static void SetOption(int fd, int level, int option, int value)
    {
        if (setsockopt(fd, level, option, &value, sizeof(int)) < 0)
            throw Failure("setsockopt");
    }

    private static SocketAddress Address(byte host, int port)
    {
        var address = new SocketAddress { Family = Internet };
        address.Port[0] = (byte)(port >> 8);
        address.Port[1] = (byte)port;
        address.Host[0] = 127;
        address.Host[3] = host;
        return address;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary>struct sockaddr_in; port and host in network order.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SocketAddress
    {
        public ushort Family;
        public fixed byte Port[2];
        public fixed byte Host[4];
        public fixed byte Padding[8];
    }
}
