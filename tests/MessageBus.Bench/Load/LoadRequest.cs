using System.Text.Json.Serialization;

namespace MessageBus.Bench.Load;

/// <summary>What the bench asks of its load generator: one line of JSON on its standard input, answered by one line on its standard output.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "do")]
[JsonDerivedType(typeof(OpenRequest), "open")]
[JsonDerivedType(typeof(DropRequest), "drop")]
[JsonDerivedType(typeof(StallRequest), "stall")]
[JsonDerivedType(typeof(FlowRequest), "flow")]
[JsonDerivedType(typeof(RecoverRequest), "recover")]
internal abstract record LoadRequest;

/// <summary>
/// Connect and subscribe. Connection i has the channels i * n to i * n + n - 1, modulo <paramref name="Channels"/>.
/// The first <paramref name="Stalling"/> connections get a small receive buffer, so that they fill up soon once they stop reading.
/// </summary>
internal sealed record OpenRequest(
    int Connections, int Channels, int ChannelsPerConnection = 1, int AtOnce = 128, int Stalling = 0, double TimeoutSeconds = 60) : LoadRequest;

/// <summary>End all connections at once, without a word.</summary>
internal sealed record DropRequest : LoadRequest;

/// <summary>Stop reading on the first <paramref name="Connections"/> connections.</summary>
internal sealed record StallRequest(int Connections) : LoadRequest;

/// <summary>
/// Publish, going round the channels. With <paramref name="InFlight"/> = n, publication k + n waits until every subscriber has its copy of k (closed loop);
/// with <paramref name="Rate"/>, publications are due at fixed times whatever happens, and latency counts from when they were due (open loop).
/// </summary>
internal sealed record FlowRequest(double Seconds, int Bytes = 128, int? InFlight = null, int? Rate = null) : LoadRequest;

/// <summary>
/// redis-server was restarted as another process: wait until it has a subscription for every channel again, then publish once to each and count the copies.
/// </summary>
internal sealed record RecoverRequest(int RedisProcess, double TimeoutSeconds) : LoadRequest;
