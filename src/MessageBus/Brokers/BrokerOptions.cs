using System.ComponentModel.DataAnnotations;

namespace MessageBus.Brokers;

/// <summary>How the gateway watches its broker.</summary>
public sealed class BrokerOptions
{
    /// <summary>
    /// How often the gateway publishes something to itself, to see that publications pass through the broker. Default 2 s.
    /// After three that did not arrive, each for this long, the broker counts as down and is connected to anew.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:10:00")]
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(2);
}
