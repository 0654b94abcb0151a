using System.ComponentModel.DataAnnotations;

namespace MessageBus.Redis;

/// <summary>How to reach Redis.</summary>
public sealed class RedisBrokerOptions
{
    /// <summary>
    /// The configuration string of StackExchange.Redis: <c>host:port,password=...,ssl=true</c>. By default what stands in <c>ConnectionStrings:Redis</c>.
    /// </summary>
    [Required(ErrorMessage = "ConnectionStrings:Redis is empty: set it to a StackExchange.Redis configuration string, for example 'localhost:6379'.")]
    public string? Configuration { get; set; }

    /// <summary>How long a publish or subscribe may wait for Redis' answer. Default 5 s. After that it counts as unavailable.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a lost Redis is looked for. Default 250 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00")]
    public TimeSpan ReconnectInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How often Redis is asked whether it has every channel subscribed that this gateway is subscribed to (PUBSUB NUMSUB); besides after every return.
    /// Default 30 s. What is missing is subscribed again on new links, and the gap is told.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan VerifyInterval { get; set; } = TimeSpan.FromSeconds(30);
}
