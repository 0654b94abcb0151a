using System.Security.Claims;
using System.Text.Json;

namespace MessageBus.Gateway.Jwt;

/// <summary>The claims of a token whose signature holds: when it is valid, from whom and for whom (RFC 7519 section 4.1), and who its user is.</summary>
internal static class TokenClaims
{
    /// <summary>How far the issuer's clock and ours may be apart.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    // The last moment that a DateTimeOffset can say.
    private static readonly double MaxSeconds = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>Each reason why the token is not accepted now; none where it is.</summary>
    public static IEnumerable<TokenRefusal> Problems(JsonElement payload, JwtPolicy policy, DateTimeOffset now)
    {
        if (payload.TryGetProperty("sub", out var subject) && subject.ValueKind is not JsonValueKind.String)
        {
            yield return Bad("sub", "a string");
        }

        var problems = new[] { ExpiryProblem(payload, now), BeginProblem(payload, now), IssuerProblem(payload, policy), AudienceProblem(payload, policy) };
        foreach (var problem in problems.OfType<TokenRefusal>())
        {
            yield return problem;
        }
    }

    /// <summary>
    /// Until when the token counts, for one that is accepted now. That is <c>exp</c>; for one that is accepted beyond it only because clocks differ, <c>exp</c>
    /// and the skew, so that it is not ended the moment it is let in.
    /// </summary>
    public static DateTimeOffset ExpiryOf(JsonElement payload, DateTimeOffset now)
    {
        TryReadTime(payload, "exp", out var expiry);
        return expiry!.Value > now ? expiry.Value : Later(expiry.Value, Skew);
    }

    /// <summary>Its claims under their own names: a claim for each value of an array, JSON text for an object.</summary>
    public static ClaimsPrincipal PrincipalOf(JsonElement payload, string scheme, string roleClaim)
    {
        var identity = new ClaimsIdentity(scheme, nameType: "sub", roleClaim);
        foreach (var claim in payload.EnumerateObject())
        {
            var values = claim.Value.ValueKind is JsonValueKind.Array ? claim.Value.EnumerateArray() : Enumerable.Repeat(claim.Value, 1);
            identity.AddClaims(values.Where(value => value.ValueKind is not JsonValueKind.Null).Select(value => new Claim(claim.Name, TextOf(value))));
        }

        return new ClaimsPrincipal(identity);
    }

    private static string TextOf(JsonElement value) => value.ValueKind is JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static TokenRefusal? ExpiryProblem(JsonElement payload, DateTimeOffset now)
    {
        if (!TryReadTime(payload, "exp", out var expiry))
        {
            return Bad("exp", "a number of seconds since 1970");
        }

        if (expiry is null)
        {
            return new TokenRefusal(TokenFault.NoExpiry, "It has no 'exp': a token must say when it ends.");
        }

        return now >= Later(expiry.Value, Skew)
            ? new TokenRefusal(TokenFault.Expired, $"It expired {Duration.Words(now - expiry.Value)} ago, at {expiry:u}.")
            : null;
    }

    private static TokenRefusal? BeginProblem(JsonElement payload, DateTimeOffset now)
    {
        if (!TryReadTime(payload, "nbf", out var begin))
        {
            return Bad("nbf", "a number of seconds since 1970");
        }

        return begin is { } first && first > Later(now, Skew)
            ? new TokenRefusal(TokenFault.NotYetValid, $"It is not valid before {first:u} ('nbf'), in {Duration.Words(first - now)}.")
            : null;
    }

    private static TokenRefusal? IssuerProblem(JsonElement payload, JwtPolicy policy)
    {
        if (policy.Issuer is null)
        {
            return null;
        }

        var issuer = payload.TryGetProperty("iss", out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
        return issuer == policy.Issuer
            ? null
            : new TokenRefusal(TokenFault.WrongIssuer, $"Its issuer ('iss') is {(issuer is null ? "not given" : Quoted.Text(issuer))}; right is {Quoted.Text(policy.Issuer)}.");
    }

    private static TokenRefusal? AudienceProblem(JsonElement payload, JwtPolicy policy)
    {
        if (!payload.TryGetProperty("aud", out var value))
        {
            return policy.Audience is null ? null : WrongAudience("not given", policy.Audience);
        }

        var isList = value.ValueKind is JsonValueKind.Array;
        var audiences = isList ? value.EnumerateArray().ToList() : [value];
        if (audiences.Exists(audience => audience.ValueKind is not JsonValueKind.String))
        {
            return Bad("aud", "a string or an array of strings");
        }

        if (policy.Audience is null)
        {
            // RFC 7519 section 4.1.3: who finds an audience and is not named in it must reject the token.
            return new TokenRefusal(TokenFault.WrongAudience, $"It is for an audience ('aud'), and this gateway has no name: set '{JwtOptions.Section}:Audience'.");
        }

        var names = audiences.Select(audience => audience.GetString()!).ToList();
        return names.Contains(policy.Audience) ? null : WrongAudience(string.Join(", ", names.Take(3).Select(Quoted.Text)), policy.Audience);
    }

    private static TokenRefusal WrongAudience(string given, string right) =>
        new(TokenFault.WrongAudience, $"Its audience ('aud') is {given}; right is {Quoted.Text(right)}.");

    private static TokenRefusal Bad(string claim, string right) => new(TokenFault.BadClaim, $"Its '{claim}' is not {right}.");

    /// <summary>A NumericDate of RFC 7519 section 2, which may have a fraction. False where it is none; null where it is not there.</summary>
    private static bool TryReadTime(JsonElement payload, string name, out DateTimeOffset? time)
    {
        time = null;
        if (!payload.TryGetProperty(name, out var value))
        {
            return true;
        }

        if (value.ValueKind is not JsonValueKind.Number || !value.TryGetDouble(out var seconds) || !(seconds >= 0 && seconds <= MaxSeconds))
        {
            return false;
        }

        time = DateTimeOffset.UnixEpoch.AddSeconds(seconds);
        return true;
    }

    private static DateTimeOffset Later(DateTimeOffset time, TimeSpan by) => DateTimeOffset.MaxValue - time > by ? time + by : DateTimeOffset.MaxValue;
}
