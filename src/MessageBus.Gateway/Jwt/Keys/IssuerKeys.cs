using System.Text.Json;

namespace MessageBus.Gateway.Jwt.Keys;

/// <summary>Where an issuer publishes its keys: the address of a JWK set, or of the OpenID Connect Discovery document that names one.</summary>
internal sealed record KeySource(Uri Address, bool IsDiscovery)
{
    /// <summary>OpenID Connect Discovery 1.0 section 4: the document's path is appended to the issuer's address.</summary>
    public static KeySource OfAuthority(Uri authority) => new(new Uri($"{authority.AbsoluteUri.TrimEnd('/')}/.well-known/openid-configuration"), IsDiscovery: true);

    /// <summary>Whether what comes from there is the issuer's own word.</summary>
    public static bool IsTrusted(Uri address) => address.Scheme is "https" || (address.Scheme is "http" && address.IsLoopback);
}

/// <summary>What an issuer publishes. Does not change.</summary>
/// <param name="Keys">Its keys.</param>
/// <param name="Issuer">What <c>iss</c> of its tokens is; null where only a JWK set was asked for.</param>
internal sealed record IssuerKeys(IReadOnlyList<VerificationKey> Keys, string? Issuer)
{
    public static readonly IssuerKeys None = new([], Issuer: null);

    /// <exception cref="HttpRequestException">The server does not answer, or not with 200.</exception>
    /// <exception cref="FormatException">It answers something else.</exception>
    public static async Task<IssuerKeys> FetchAsync(KeySource source, HttpClient http)
    {
        var document = await http.GetByteArrayAsync(source.Address);
        if (!source.IsDiscovery)
        {
            return new IssuerKeys(JwkSet.Parse(document), Issuer: null);
        }

        var (issuer, keys) = ReadDiscovery(document);
        return new IssuerKeys(JwkSet.Parse(await http.GetByteArrayAsync(keys)), issuer);
    }

    /// <summary>OpenID Connect Discovery 1.0 section 3: <c>{ "issuer": text, "jwks_uri": address, ... }</c>.</summary>
    private static (string Issuer, Uri Keys) ReadDiscovery(ReadOnlySpan<byte> utf8)
    {
        string? issuer, address;
        try
        {
            var document = JsonElement.Parse(utf8);
            (issuer, address) = (document.GetProperty("issuer").GetString(), document.GetProperty("jwks_uri").GetString());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException("It is not a discovery document with 'issuer' and 'jwks_uri' (OpenID Connect Discovery 1.0 section 3).", e);
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out var keys) || !KeySource.IsTrusted(keys))
        {
            throw new FormatException("Its 'jwks_uri' is no https address.");
        }

        // Entra's 'common' and 'organizations' sign for every tenant there is, with one key.
        return string.IsNullOrEmpty(issuer) || issuer.Contains('{', StringComparison.Ordinal)
            ? throw new FormatException($"Its 'issuer' is {Quoted.Text(issuer ?? "")}, which is no single issuer. Set '{JwtOptions.Section}:Authority' to the address of one tenant.")
            : (issuer, keys);
    }
}
