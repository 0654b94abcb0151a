using System.Security.Cryptography;

namespace MessageBus.EmbeddedRedis.Commands;

/// <summary>What HELLO and INFO tell about the server.</summary>
internal sealed class ServerFacts(TimeProvider time)
{
    /// <summary>The Redis whose replies these are, byte for byte.</summary>
    public const string RedisVersion = "7.0.15";

    private readonly long _startedAt = time.GetTimestamp();
    private long _clientsSeen;
    private int _clients;

    public string RunId { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));

    public int Port { get; set; }

    public long ClientsSeen => Interlocked.Read(ref _clientsSeen);

    public int Clients => Volatile.Read(ref _clients);

    public long UptimeSeconds => SecondsSince(_startedAt);

    public long SecondsSince(long timestamp) => (long)time.GetElapsedTime(timestamp).TotalSeconds;

    public long NextClientId() => Interlocked.Increment(ref _clientsSeen);

    public void ClientArrived() => Interlocked.Increment(ref _clients);

    public void ClientLeft() => Interlocked.Decrement(ref _clients);
}
