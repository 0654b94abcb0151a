namespace MessageBus.Limits;

/// <summary>The limits that are kept before a connection is served. The names are those of their options.</summary>
internal enum Limit
{
    MaxConnections,
    MaxConnectionsPerAddress,
    MaxConnectionsPerUser,
    MaxHandshakesPerSecond,
    MaxHandshakesPerSecondPerAddress,
}

/// <summary>A limit is reached. <paramref name="RetryAfter"/>: when trying again can help.</summary>
internal readonly record struct LimitReached(Limit Limit, TimeSpan RetryAfter)
{
    /// <summary>It is the gateway that is full, and not this one client that wants too much.</summary>
    public bool IsGatewayFull => Limit is Limit.MaxConnections or Limit.MaxHandshakesPerSecond;
}
