using MessageBus.Redis.Settings;

namespace MessageBus.Redis.Links;

/// <summary>
/// Where the gateway's Redis is at present. What else connects to Redis takes its address, credentials and TLS from here and follows the same moves. Any thread.
/// </summary>
internal sealed class RedisHome
{
    private volatile RedisConnection? _current;

    /// <summary>The proven primary, or node of a cluster; null while Redis is searched for.</summary>
    public RedisConnection? Current => _current;

    /// <summary><see cref="Current"/> is another one. Handlers must not block.</summary>
    public event Action? Changed;

    public void Move(RedisConnection? connection)
    {
        if (_current != connection)
        {
            _current = connection;
            Changed?.Invoke();
        }
    }
}

/// <summary>How to connect to one Redis.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="Settings">Credentials and TLS: <see cref="RedisSettings.For"/> and <see cref="RedisSettings.Tls"/>.</param>
internal sealed record RedisConnection(RedisAddress Address, RedisSettings Settings);
