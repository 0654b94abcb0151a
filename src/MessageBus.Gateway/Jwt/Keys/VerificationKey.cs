namespace MessageBus.Gateway.Jwt.Keys;

/// <summary>
/// A key that signatures are verified with. Its kind decides which algorithms it is good for, never the token: an RSA public key is no secret for HS256.
/// Any thread.
/// </summary>
/// <param name="id">Its <c>kid</c>; null where it is tried for any.</param>
/// <param name="algorithms">What it is good for.</param>
internal abstract class VerificationKey(string? id, IReadOnlyList<string> algorithms)
{
    public string? Id { get; } = id;

    public IReadOnlyList<string> Algorithms { get; } = algorithms;

    /// <summary>Whether this key has made the signature. <paramref name="algorithm"/> is one of its own.</summary>
    public abstract bool Verify(string algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);
}
