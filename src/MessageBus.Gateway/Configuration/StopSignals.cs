using System.Runtime.InteropServices;

namespace MessageBus.Gateway.Configuration;

/// <summary>
/// The first SIGTERM or SIGINT stops the gateway in order, which the host does; who sends a second one does not want to wait for that.
/// </summary>
internal static class StopSignals
{
    // What a shell reports for a process that a signal has ended: 128 + the number of the signal (POSIX, "Exit Status for Commands").
    private const int FirstSignalExitCode = 128;
    private const int SigInt = 2;
    private const int SigTerm = 15;

    /// <summary>Ends the process at once at the second signal, until the result is disposed.</summary>
    public static IDisposable EndAtSecondSignal()
    {
        var signals = 0;
        return new Registrations(
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Count(SigTerm)),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Count(SigInt)));

        // The host has the signal cancelled that it heard: here it is only counted.
        void Count(int signal)
        {
            if (Interlocked.Increment(ref signals) > 1)
            {
                Environment.Exit(FirstSignalExitCode + signal);
            }
        }
    }

    private sealed class Registrations(PosixSignalRegistration terminate, PosixSignalRegistration interrupt) : IDisposable
    {
        public void Dispose()
        {
            terminate.Dispose();
            interrupt.Dispose();
        }
    }
}
