using System.ComponentModel.DataAnnotations;

namespace MessageBus.Redis;

/// <summary>How to reach Redis.</summary>
public sealed class RedisBrokerOptions
{
    /// <summary>
    /// Where Redis is: a configuration string of StackExchange.Redis (<c>host:port,host:port,ssl=true</c>, with <c>serviceName=</c> for Sentinels), a URL
    /// (<c>redis://</c>, <c>rediss://</c> for TLS) or the path of a unix socket (<c>unix:/run/redis.sock</c>). By default what stands in
    /// <c>ConnectionStrings:Redis</c>.
    /// </summary>
    [Required(ErrorMessage = "ConnectionStrings:Redis is empty: set it to a StackExchange.Redis configuration string, for example 'localhost:6379'.")]
    public string? Configuration { get; set; }

    /// <summary>The user of Redis' ACL. Default: the one of the connection string, else Redis' own <c>default</c>. By default <c>MessageBus:Redis:User</c>.</summary>
    public string? User { get; set; }

    /// <summary>
    /// The password, instead of one in the connection string, where a comma would end it. By default <c>MessageBus:Redis:Password</c>, which may be a secret file.
    /// </summary>
    [DataType(DataType.Password)]
    public string? Password { get; set; }

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
