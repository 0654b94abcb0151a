using System.ComponentModel.DataAnnotations;
using MessageBus.Limits;

namespace MessageBus.Connections;

/// <summary>How a gateway that is stopped sends its connections away.</summary>
public sealed class DrainOptions
{
    /// <summary>
    /// How long the gateway may take, when it is stopped, until its last connection has ended. Default 20 s. What is left then is cut.
    /// The host's own <c>ShutdownTimeout</c> is raised where it is not 10 s longer.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How many connections a second a gateway that is stopped sends away: as many as the others can take in. Default 500.
    /// The time over which the closes are spread is the number of connections divided by this, but at most <see cref="Timeout"/> less
    /// <see cref="LimitOptions.CloseTimeout"/>.
    /// </summary>
    [Range(1, 1_000_000)]
    public int ConnectionsPerSecond { get; set; } = 500;
}
