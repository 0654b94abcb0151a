using System.Text.Json;
using MessageBus.Authentication;
using MessageBus.Gateway.Jwt.Keys;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace MessageBus.Gateway.Jwt;

/// <summary>
/// What a token is checked for at one moment (RFC 7519 section 4.1), and in words what is wrong with it. IdentityModel checks signature, issuer and audience;
/// it has no clock but the system's, so that times are compared here.
/// </summary>
/// <param name="token">The token.</param>
/// <param name="policy">What it is measured by.</param>
/// <param name="published">What the issuer publishes, beside the policy's own keys.</param>
/// <param name="now">The moment.</param>
internal sealed class TokenChecks(CompactToken token, JwtPolicy policy, IssuerKeys published, DateTimeOffset now)
{
    /// <summary>How far the issuer's clock and ours may be apart.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false };

    private readonly IReadOnlyList<VerificationKey> _keys = [.. policy.Keys, .. published.Keys];
    private readonly string? _issuer = policy.Issuer ?? published.Issuer;

    /// <summary>The first thing that is wrong; null where nothing is.</summary>
    public async Task<TokenRefusal?> FirstProblemAsync() =>
        await ProblemAsync(Parameters(signature: true, issuer: true, audience: true)) ?? EndProblem() ?? BeginProblem();

    /// <summary>Everything that is wrong.</summary>
    public async Task<IReadOnlyList<TokenRefusal>> ProblemsAsync()
    {
        TokenRefusal?[] problems =
        [
            await ProblemAsync(Parameters(signature: true)), EndProblem(), BeginProblem(),
            await ProblemAsync(Parameters(issuer: true)), await ProblemAsync(Parameters(audience: true)),
        ];
        return [.. problems.OfType<TokenRefusal>()];
    }

    /// <summary>Whether no known key has made it, and the issuer may have published one since its keys were fetched.</summary>
    public async Task<bool> IsOfUnknownKeyAsync() =>
        (token.KeyId is null ? !Candidates().Any() : published.Keys.All(key => key.Id != token.KeyId)) && await ProblemAsync(Parameters(signature: true)) is not null;

    /// <summary>
    /// What a token says in which nothing is wrong. It counts until its <c>exp</c>; one that is accepted beyond it only because clocks differ counts until the
    /// end of the skew, so that it is not ended the moment it is let in.
    /// </summary>
    public ValidatedToken Accepted()
    {
        var end = token.Ends!.Value;
        return new ValidatedToken(TokenUser.Of(token.Payload, policy.RoleClaim), end > now ? end : Later(end, Skew));
    }

    private static DateTimeOffset Later(DateTimeOffset time, TimeSpan by) => DateTimeOffset.MaxValue - time > by ? time + by : DateTimeOffset.MaxValue;

    private TokenValidationParameters Parameters(bool signature = false, bool issuer = false, bool audience = false) => new()
    {
        SignatureValidator = signature ? null : (text, _) => new JsonWebToken(text),
        IssuerSigningKeyResolver = (_, _, _, _) => Candidates().Select(key => key.Key),
        TryAllIssuerSigningKeys = false,
        ValidAlgorithms = policy.Algorithms,
        ValidateIssuer = issuer && _issuer is not null,
        ValidIssuer = _issuer,
        ValidateAudience = audience,
        ValidAudience = policy.Audience,
        IgnoreTrailingSlashWhenValidatingAudience = false,

        // RFC 7519 section 4.1.3: who finds an audience and is not named in it must reject the token.
        AudienceValidator = policy.Audience is null ? (_, _, _) => !token.Payload.TryGetProperty("aud", out _) : null,
        ValidateLifetime = false,
        LogValidationExceptions = false,
    };

    /// <summary>The keys that may have made it. The key says which algorithms it is good for; the token only names one of them.</summary>
    private IEnumerable<VerificationKey> Candidates() => policy.Algorithms.Contains(token.Algorithm)
        ? _keys.Where(key => key.Algorithms.Contains(token.Algorithm) && (token.KeyId is null || key.Id is null || key.Id == token.KeyId))
        : [];

    private async Task<TokenRefusal?> ProblemAsync(TokenValidationParameters parameters) => (await Handler.ValidateTokenAsync(token.Text, parameters)).Exception switch
    {
        null => null,
        SecurityTokenInvalidIssuerException => new TokenRefusal(TokenFault.WrongIssuer, $"Its issuer ('iss') is {Given("iss")}; right is {Quoted.Text(_issuer!)}."),
        SecurityTokenInvalidAudienceException => AudienceProblem(),
        SecurityTokenMalformedException or ArgumentException => new TokenRefusal(TokenFault.Malformed, "It cannot be read as a JSON Web Token (RFC 7519)."),
        _ => SignatureProblem(),
    };

    private TokenRefusal SignatureProblem()
    {
        var accepted = policy.Algorithms.Where(algorithm => _keys.Any(key => key.Algorithms.Contains(algorithm))).ToList();
        return _keys.Count is 0
            ? new TokenRefusal(TokenFault.UnknownKey, "The gateway has no keys yet: it could not fetch those of the issuer.")
            : !accepted.Contains(token.Algorithm)
            ? new TokenRefusal(TokenFault.WrongAlgorithm, $"Its algorithm is {Quoted.Text(token.Algorithm)}; this gateway's keys accept {string.Join(", ", accepted)}.")
            : !Candidates().Any()
            ? new TokenRefusal(TokenFault.UnknownKey, $"It names the key {Quoted.Text(token.KeyId!)} ('kid'), which this gateway does not have.")
            : new TokenRefusal(TokenFault.WrongSignature, "Its signature is not of this gateway's key: it was made with another one, or changed afterwards.");
    }

    private TokenRefusal AudienceProblem() => new(TokenFault.WrongAudience, policy.Audience is null
        ? $"It is for an audience ('aud'), and this gateway has no name: set '{JwtOptions.Section}:Audience'."
        : $"Its audience ('aud') is {Given("aud")}; right is {Quoted.Text(policy.Audience)}.");

    private TokenRefusal? EndProblem() => token.Ends is not { } end
        ? new TokenRefusal(TokenFault.NoExpiry, "It has no 'exp': a token must say when it ends.")
        : now >= Later(end, Skew)
        ? new TokenRefusal(TokenFault.Expired, $"It expired {Duration.Words(now - end)} ago, at {end:u}.")
        : null;

    private TokenRefusal? BeginProblem() => token.Begins is { } begin && begin > Later(now, Skew)
        ? new TokenRefusal(TokenFault.NotYetValid, $"It is not valid before {begin:u} ('nbf'), in {Duration.Words(begin - now)}.")
        : null;

    /// <summary>A claim that is a text or an array of texts, as the token has it.</summary>
    private string Given(string name)
    {
        if (!token.Payload.TryGetProperty(name, out var value))
        {
            return "not given";
        }

        var values = value.ValueKind is JsonValueKind.Array ? value.EnumerateArray().Take(3) : [value];
        return string.Join(", ", values.Select(each => Quoted.Text(each.ToString())));
    }
}
