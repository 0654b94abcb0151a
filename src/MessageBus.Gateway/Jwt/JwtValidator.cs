using MessageBus.Authentication;
using MessageBus.Gateway.Jwt.Keys;

namespace MessageBus.Gateway.Jwt;

/// <summary>Accepts or refuses tokens by the policy and the published keys of the moment. Any thread.</summary>
internal sealed partial class JwtValidator(JwtKeyRing ring, TimeProvider time, ILogger<JwtValidator> logger) : ITokenValidator
{
    private readonly ILogger _logger = logger;

    public async ValueTask<ValidatedToken?> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        var refusal = CompactToken.TryParse(token, out var parsed, out var malformed) ? null : malformed;
        var (policy, published) = ring.Current;
        if (parsed is not null)
        {
            refusal = await CheckSignatureAsync(parsed, policy, published, cancellationToken);
        }

        var now = time.GetUtcNow();
        refusal ??= TokenClaims.Problems(parsed!.Payload, policy, now).FirstOrDefault();
        if (refusal is not null)
        {
            LogRefused(refusal.Fault);
            return null;
        }

        return new ValidatedToken(TokenClaims.PrincipalOf(parsed!.Payload, JwtScheme.Name, policy.RoleClaim), TokenClaims.ExpiryOf(parsed.Payload, now));
    }

    /// <summary>Every reason for which the token would be refused now, for its holder; none where it would be accepted.</summary>
    public async Task<IReadOnlyList<TokenRefusal>> ExplainAsync(string token, CancellationToken cancellationToken)
    {
        if (!CompactToken.TryParse(token, out var parsed, out var malformed))
        {
            return [malformed];
        }

        var (policy, published) = ring.Current;
        var signature = await CheckSignatureAsync(parsed, policy, published, cancellationToken);
        var claims = TokenClaims.Problems(parsed.Payload, policy, time.GetUtcNow());
        return signature is null ? [.. claims] : [signature, .. claims];
    }

    private static async ValueTask<TokenRefusal?> CheckSignatureAsync(CompactToken token, JwtPolicy policy, JwksCache? published, CancellationToken cancellationToken)
    {
        if (published is null)
        {
            return TokenSignature.Check(token, policy, policy.Keys);
        }

        published.RenewIfOld();
        var refusal = TokenSignature.Check(token, policy, AllKeys());
        if (refusal is not null && TokenSignature.IsOfUnknownKey(token, refusal, published.Keys))
        {
            await published.RefreshAsync().WaitAsync(cancellationToken);
            refusal = TokenSignature.Check(token, policy, AllKeys());
        }

        return refusal;

        IReadOnlyList<VerificationKey> AllKeys() => [.. policy.Keys, .. published.Keys];
    }
}
