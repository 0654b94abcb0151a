using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
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
/// Looked at before IdentityModel reads it, which takes spellings that two readers understand differently. Of the header only <c>alg</c>, <c>kid</c> and
/// <c>crit</c> are read: a key that a token brings along or points to (<c>jwk</c>, <c>jku</c>, <c>x5u</c>, <c>x5c</c>) is never used. Nothing here is verified yet.
/// Never throws on any input.
/// </summary>
internal sealed record CompactToken(string Text, JsonElement Header, JsonElement Payload)
{
    /// <summary>The longest token, in characters.</summary>
    public const int MaxLength = 8 * 1024;

    // RFC 7515 section 4: a name that stands twice may be rejected, and two readers that take different ones are how filters are passed.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    // The last moment that a DateTimeOffset can say.
    private static readonly double MaxSeconds = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    public string Algorithm { get; } = TextIn(Header, "alg")!;

    public string? KeyId { get; } = TextIn(Header, "kid");

    public DateTimeOffset? Ends { get; } = TimeIn(Payload, "exp");

    public DateTimeOffset? Begins { get; } = TimeIn(Payload, "nbf");

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
        }
        else if (Decode(parts[0]) is not { } header || Decode(parts[1]) is not { } payload || Decode(parts[2]) is null)
        {
            refusal = Malformed("A part of it is not base64url without padding (RFC 7515 section 2).");
        }
        else if (ReadObject(header) is not { } headerJson || ReadObject(payload) is not { } payloadJson)
        {
            refusal = Malformed("Its header or its payload is not a JSON object in UTF-8 with each name once.");
        }
        else
        {
            refusal = HeaderProblem(headerJson) ?? ClaimProblem(payloadJson);
            token = refusal is null ? new CompactToken(text, headerJson, payloadJson) : null;
        }

        return refusal is null;
    }

    private static TokenRefusal? HeaderProblem(JsonElement header)
    {
        if (TextIn(header, "alg") is null)
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

    /// <summary>RFC 7519 section 4.1. IdentityModel takes numbers in quotes for times, and anything for a user.</summary>
    private static TokenRefusal? ClaimProblem(JsonElement payload)
    {
        foreach (var (name, right, isRight) in new (string, string, Func<JsonElement, bool>)[]
        {
            ("iss", "a string", IsText),
            ("sub", "a string", IsText),
            ("exp", "a number of seconds since 1970", IsTime),
            ("nbf", "a number of seconds since 1970", IsTime),
            ("aud", "a string or an array of strings", value => IsText(value) || (value.ValueKind is JsonValueKind.Array && value.EnumerateArray().All(IsText))),
        })
        {
            if (payload.TryGetProperty(name, out var value) && !isRight(value))
            {
                return new TokenRefusal(name is "iss" ? TokenFault.WrongIssuer : TokenFault.BadClaim, $"Its '{name}' is not {right}.");
            }
        }

        return null;

        static bool IsText(JsonElement value) => value.ValueKind is JsonValueKind.String;

        // RFC 7519 section 2: a NumericDate may have a fraction.
        static bool IsTime(JsonElement value) => value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds >= 0 && seconds <= MaxSeconds;
    }

    private static TokenRefusal Malformed(string words) => new(TokenFault.Malformed, words);

    /// <summary>A token has one spelling. The framework decodes white space, padding and left-over bits (RFC 4648 section 3.5) too, but encodes none.</summary>
    private static byte[]? Decode(string part) =>
        Base64Url.IsValid(part) && Base64Url.DecodeFromChars(part) is var bytes && Base64Url.EncodeToString(bytes) == part ? bytes : null;

    private static JsonElement? ReadObject(byte[] utf8)
    {
        try
        {
            return Utf8.IsValid(utf8) && JsonElement.Parse(utf8, Options) is { ValueKind: JsonValueKind.Object } json && IsUnicode(json) ? json : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second one: a name has a lone surrogate.
            return null;
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

    private static string? TextIn(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static DateTimeOffset? TimeIn(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? DateTimeOffset.UnixEpoch.AddSeconds(value.GetDouble()) : null;
}
