namespace MessageBus.Gateway.Jwt.Keys;

/// <summary>The signature algorithms that the gateway knows (RFC 7518 section 3.1). <c>none</c> is not among them, and no name is taken in another case.</summary>
internal static class Algorithms
{
    public const string Hs256 = "HS256";
    public const string Hs384 = "HS384";
    public const string Hs512 = "HS512";
    public const string Rs256 = "RS256";
    public const string Ps256 = "PS256";
    public const string Es256 = "ES256";

    public static readonly IReadOnlyList<string> OfSecrets = [Hs256, Hs384, Hs512];
    public static readonly IReadOnlyList<string> OfRsaKeys = [Rs256, Ps256];
    public static readonly IReadOnlyList<string> OfEllipticKeys = [Es256];
    public static readonly IReadOnlyList<string> All = [.. OfSecrets, .. OfRsaKeys, .. OfEllipticKeys];
}
