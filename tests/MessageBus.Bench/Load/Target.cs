namespace MessageBus.Bench.Load;

/// <summary>What the load generator is pointed at. All of it is on 127.0.0.1.</summary>
internal sealed record Target(string Dialect, int Port, bool Tls, int RedisPort, int RedisProcess, int ServerProcess)
{
    /// <summary>The process id of redis-server, which changes when a scenario restarts it.</summary>
    public int RedisProcess { get; set; } = RedisProcess;

    /// <summary>How many channels Redis had once all connections were open: theirs, and those that the server has for itself.</summary>
    public long Channels { get; set; }
}
