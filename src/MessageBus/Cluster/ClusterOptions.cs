using System.ComponentModel.DataAnnotations;

namespace MessageBus.Cluster;

/// <summary>What gateways on the same broker tell each other.</summary>
public sealed class ClusterOptions
{
    /// <summary>
    /// How often the gateway tells the others how it is, and so what each gateway costs the broker: one small publication in this time. Default 5 s.
    /// After three that were not heard, the others list it as missing.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "01:00:00")]
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromSeconds(5);
}
