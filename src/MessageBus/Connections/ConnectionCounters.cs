using MessageBus.Diagnostics;
using MessageBus.Protocol;
using Microsoft.AspNetCore.Http;

namespace MessageBus.Connections;

/// <summary>What has happened to connections. Any thread.</summary>
internal sealed class ConnectionCounters
{
    private long _opened;

    /// <summary>Accepted connections.</summary>
    public long Opened => Interlocked.Read(ref _opened);

    /// <summary>Connections that are open.</summary>
    public long Active => Opened - Closed.Total;

    /// <summary>Connections that have ended.</summary>
    public Tally<CloseReason> Closed { get; } = new(Enum.GetValues<CloseReason>());

    /// <summary>Requests for a WebSocket that were answered otherwise, by status code.</summary>
    public Tally<int> Rejected { get; } = new(
        StatusCodes.Status400BadRequest,
        StatusCodes.Status401Unauthorized,
        StatusCodes.Status403Forbidden,
        StatusCodes.Status426UpgradeRequired,
        StatusCodes.Status429TooManyRequests,
        StatusCodes.Status503ServiceUnavailable);

    /// <summary>A request for a WebSocket was answered: with 101 or 200 where it became one.</summary>
    public void Answer(int status)
    {
        if (status >= StatusCodes.Status400BadRequest)
        {
            Rejected.Add(status);
        }
    }

    public void Open() => Interlocked.Increment(ref _opened);

    /// <summary>A code of the WebSocket itself that has no name here counts as a protocol error: it closes by itself for nothing else.</summary>
    public void Close(CloseReason reason) => Closed.Add(Enum.IsDefined(reason) ? reason : CloseReason.ProtocolError);
}
