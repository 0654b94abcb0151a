namespace MessageBus.Limits;

/// <summary>What one address takes up. Guarded by the lock of the <see cref="ConnectionLimits"/>.</summary>
internal sealed class AddressUse
{
    // Not a property: taking a token changes it in place.
    public TokenBucket Handshakes;

    public int Connections { get; set; }
}
