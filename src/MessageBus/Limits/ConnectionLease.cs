namespace MessageBus.Limits;

/// <summary>The place that one connection takes up among all, those of its address and those of its user. Disposing gives it back, once.</summary>
internal sealed class ConnectionLease(ConnectionLimits limits, AddressUse? address, string? user) : IDisposable
{
    public AddressUse? Address => address;

    /// <summary>Who it counts for. Guarded by the lock of the limits, as is the next.</summary>
    public string? User { get; set; } = user;

    public bool HasLeft { get; set; }

    /// <inheritdoc cref="ConnectionLimits.TryChangeUser"/>
    public bool TryChangeUser(string? user) => limits.TryChangeUser(this, user);

    public void Dispose() => limits.Leave(this);
}
