namespace MessageBus.Bench.Load;

/// <summary>What the load generator is pointed at. All of it is on 127.0.0.1.</summary>
internal sealed record Target(string Dialect, int Port, bool Tls, int RedisPort, int RedisProcess, int ServerProcess);
