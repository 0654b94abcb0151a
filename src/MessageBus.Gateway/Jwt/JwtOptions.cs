using System.ComponentModel.DataAnnotations;

namespace MessageBus.Gateway.Jwt;

/// <summary>Whose tokens the gateway accepts: the configuration section <c>MessageBus:Jwt</c>. It is read again, all or nothing, where the configuration reloads.</summary>
internal sealed class JwtOptions
{
    /// <summary>The section.</summary>
    public const string Section = "MessageBus:Jwt";

    /// <summary>
    /// The secret that signs HS256, HS384 and HS512: at least 32 bytes, as text (its UTF-8), or in base64 behind <c>base64:</c>. Default none.
    /// RFC 7518 section 3.2 wants 48 bytes for HS384 and 64 for HS512; shorter ones are no weaker than their length, and are accepted.
    /// </summary>
    [DataType(DataType.Password)]
    public string? Secret { get; set; }

    /// <summary>Public keys: RSA of at least 2048 bits (RS256, PS256 and their longer hashes), P-256 (ES256), P-384 (ES384), P-521 (ES512). Default none.</summary>
    public PublicKeyOptions[] PublicKeys { get; set; } = [];

    /// <summary>
    /// The issuer's address, for example <c>https://login.example.com/realms/site</c>: OpenID Connect Discovery, the document
    /// <c>/.well-known/openid-configuration</c> below it, says where its keys are and what <c>iss</c> is. Default none. HTTPS, or HTTP on this machine.
    /// Fetched at the start, after an hour, and when a token names a key that is not known, but at most once a minute; while the server is away
    /// the keys that were fetched stay. Needs <see cref="Audience"/>: such a server signs for others too.
    /// </summary>
    public string? Authority { get; set; }

    /// <summary>
    /// Where the issuer publishes its public keys as a JWK set (RFC 7517), in place of <see cref="Authority"/>. Fetched like that. Default none.
    /// Needs <see cref="Issuer"/> and <see cref="Audience"/>.
    /// </summary>
    public string? JwksUrl { get; set; }

    /// <summary>What <c>iss</c> must be. Default: what <see cref="Authority"/> says; without one <c>iss</c> is not looked at.</summary>
    public string? Issuer { get; set; }

    /// <summary>What <c>aud</c> must be or contain. Default none: then tokens that name an audience are meant for somebody else and are refused.</summary>
    public string? Audience { get; set; }

    /// <summary>The only algorithms that are accepted, for example <c>RS256</c>. Default: each that the configured keys are good for.</summary>
    public string[] Algorithms { get; set; } = [];

    /// <summary>The cookie that a WebSocket request may carry the token in; empty: none. Default <c>messagebus</c>. Other requests never get in by cookie.</summary>
    public string Cookie { get; set; } = "messagebus";

    /// <summary>
    /// The claim that holds the user's roles. Default <c>role</c>. A claim inside another one is named with a dot, for example
    /// <c>realm_access.roles</c>; a claim of exactly this name counts first.
    /// </summary>
    public string RoleClaim { get; set; } = "role";

    /// <summary>Whether it names anything that a token could be verified with.</summary>
    public bool NamesKeys => !string.IsNullOrEmpty(Secret) || PublicKeys.Length > 0 || !string.IsNullOrEmpty(JwksUrl) || !string.IsNullOrEmpty(Authority);
}

/// <summary>A public key: PEM text, or a file with it.</summary>
internal sealed class PublicKeyOptions
{
    /// <summary>A PEM file with a public key or a certificate.</summary>
    public string? Path { get; set; }

    /// <summary>The PEM text itself, in place of a file.</summary>
    public string? Pem { get; set; }

    /// <summary>The key's <c>kid</c>: tokens that name another one are not tried with it. Default none: tokens of any <c>kid</c> are.</summary>
    public string? Id { get; set; }
}
