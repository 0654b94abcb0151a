using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MessageBus.IntegrationTests.Support;

/// <summary>POSIX signals to a process of the tests.</summary>
public static class Signals
{
    /// <summary>SIGTERM: end in good order.</summary>
    public static void Terminate(this Process process) => Send(process, 15);

    /// <summary>SIGSTOP: the process hangs, its connections stay open.</summary>
    public static void Freeze(this Process process) => Send(process, OperatingSystem.IsMacOS() ? 17 : 19);

    /// <summary>SIGCONT: it goes on.</summary>
    public static void Thaw(this Process process) => Send(process, OperatingSystem.IsMacOS() ? 19 : 18);

    private static void Send(Process process, int signal) =>
        Assert.True(Kill(process.Id, signal) is 0, $"Signal {signal} could not be sent to process {process.Id}.");

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Kill(int processId, int signal);
}
