using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace MessageBus.Gateway.Jwt;

/// <summary>
/// A signed JSON Web Token as it travels, RFC 7515 section 3.1 and RFC 7519 section 3:
/// <code>
/// token   = BASE64URL(header) "." BASE64URL(payload) "." BASE64URL(signature)
/// header  = JSON object with "alg", sometimes "kid"
/// payload = JSON object of claims
/// </code>
/// Of the header only <c>alg</c>, <c>kid</c> and <c>crit</c> are read: a key that a token brings along or points to
/// (<c>jwk</c>, <c>jku</c>, <c>x5u</c>, <c>x5c</c>) is never used. Nothing here is verified yet. Never throws on any input.
/// </summary>
internal sealed class CompactToken
{
    /// <summary>The longest token, in characters.</summary>
    public const int MaxLength = 8 * 1024;

    // RFC 7515 section 4: a name that stands twice may be rejected, and two readers that take different ones are how filters are passed.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    private static readonly SearchValues<char> Base64UrlCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private CompactToken(JsonElement header, JsonElement payload, byte[] signedBytes, byte[] signature)
    {
        Header = header;
        Payload = payload;
        SignedBytes = signedBytes;
        Signature = signature;
        Algorithm = header.GetProperty("alg").GetString()!;
        KeyId = header.TryGetProperty("kid", out var kid) ? kid.GetString() : null;
    }

    public JsonElement Header { get; }

    public JsonElement Payload { get; }

    public string Algorithm { get; }

    public string? KeyId { get; }

    /// <summary>The ASCII text up to the second dot.</summary>
    public byte[] SignedBytes { get; }

    public byte[] Signature { get; }

    public static bool TryParse(string text, [NotNullWhen(true)] out CompactToken? token, [NotNullWhen(false)] out TokenRefusal? refusal)
    {
        token = null;
        refusal = null;
        if (text.Length > MaxLength)
        {
            refusal = new TokenRefusal(TokenFault.TooLong, $"It has {text.Length} characters; a token has at most {MaxLength}.");
            return false;
        }

        var parts = text.Split('.');
        if (parts.Length is not 3)
        {
            refusal = Malformed($"It has {parts.Length} parts between dots; a signed token has 3 (RFC 7515 section 3.1).");
            return false;
        }

        if (!TryDecode(parts[0], out var headerBytes) || !TryDecode(parts[1], out var payloadBytes) || !TryDecode(parts[2], out var signature))
        {
            refusal = Malformed("A part of it is not base64url without padding (RFC 7515 section 2).");
            return false;
        }

        if (!TryReadObject(headerBytes, out var header) || !TryReadObject(payloadBytes, out var payload))
        {
            refusal = Malformed("Its header or its payload is not a JSON object in UTF-8 with each name once.");
            return false;
        }

        refusal = ProblemOf(header);
        token = refusal is null ? new CompactToken(header, payload, Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), signature) : null;
        return refusal is null;
    }

    private static TokenRefusal? ProblemOf(JsonElement header)
    {
        if (!header.TryGetProperty("alg", out var algorithm) || algorithm.ValueKind is not JsonValueKind.String)
        {
            return Malformed("Its header has no 'alg' that is a string.");
        }

        if (header.TryGetProperty("kid", out var kid) && kid.ValueKind is not JsonValueKind.String)
        {
            return Malformed("The 'kid' of its header is not a string.");
        }

        return header.TryGetProperty("crit", out _)
            ? new TokenRefusal(TokenFault.UnknownExtension, "Its header has 'crit': it asks for extensions, and this gateway has none (RFC 7515 section 4.1.11).")
            : null;
    }

    private static TokenRefusal Malformed(string words) => new(TokenFault.Malformed, words);

    /// <summary>Stricter than the framework, which lets white space, padding and left-over bits pass: a token has one spelling.</summary>
    private static bool TryDecode(string part, out byte[] bytes)
    {
        bytes = [];
        if (part.AsSpan().ContainsAnyExcept(Base64UrlCharacters) || part.Length % 4 is 1)
        {
            return false;
        }

        bytes = Base64Url.DecodeFromChars(WithoutLeftOverBits(part) ? part : "");
        return bytes.Length > 0 || part.Length is 0;
    }

    /// <summary>RFC 4648 section 3.5: the bits of the last character that belong to no byte are zero.</summary>
    private static bool WithoutLeftOverBits(string part) => (part.Length % 4) switch
    {
        2 => part[^1] is 'A' or 'Q' or 'g' or 'w',
        3 => "AEIMQUYcgkosw048".Contains(part[^1], StringComparison.Ordinal),
        _ => true,
    };

    private static bool TryReadObject(byte[] utf8, out JsonElement json)
    {
        json = default;
        if (!Utf8.IsValid(utf8))
        {
            return false;
        }

        try
        {
            json = JsonElement.Parse(utf8, Options);
            return json.ValueKind is JsonValueKind.Object && IsUnicode(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second one: a name has a lone surrogate.
            return false;
        }
    }

    /// <summary>Whether every string in it can be read: an escaped lone surrogate is JSON, but no text.</summary>
    /// <exception cref="InvalidOperationException">One cannot.</exception>
    private static bool IsUnicode(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => json.GetString() is not null,
        JsonValueKind.Array => json.EnumerateArray().All(IsUnicode),
        JsonValueKind.Object => json.EnumerateObject().All(property => property.Name is not null && IsUnicode(property.Value)),
        _ => true,
    };
}
