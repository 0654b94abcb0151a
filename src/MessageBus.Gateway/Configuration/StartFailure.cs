using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace MessageBus.Gateway.Configuration;

/// <summary>Says in one line why the gateway did not start, where that is the operator's to mend. Anything else keeps its stack trace.</summary>
internal static class StartFailure
{
    public static bool TryExplain(Exception exception, [NotNullWhen(true)] out string? explanation)
    {
        explanation = exception switch
        {
            ConfigurationProblem problem => problem.Message,
            OptionsValidationException options => string.Join(" ", options.Failures),

            // Kestrel says the address and the reason: already in use, no permission, not an address of this machine.
            IOException io => io.Message,
            UnauthorizedAccessException denied => denied.Message,
            System.Net.Sockets.SocketException socket => $"An address of 'urls' cannot be listened on: {socket.Message}.",
            FormatException format => format.Message,
            _ => null,
        };
        return explanation is not null;
    }
}
