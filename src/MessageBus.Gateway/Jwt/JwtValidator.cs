using MessageBus.Authentication;
using MessageBus.Gateway.Jwt.Keys;

namespace MessageBus.Gateway.Jwt;

/// <summary>Accepts or refuses tokens by the policy and the published keys of the moment. Any thread.</summary>
internal sealed partial class JwtValidator(JwtKeyRing ring, TimeProvider time, ILogger<JwtValidator> logger) : ITokenValidator
{
    private readonly ILogger _logger = logger;

    public async ValueTask<ValidatedToken?> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        if (!CompactToken.TryParse(token, out var parsed, out var malformed))
        {
            LogRefused(malformed.Fault);
            return null;
        }

        var checks = await ChecksAsync(parsed, cancellationToken);
        if (await checks.FirstProblemAsync() is { } refusal)
        {
            LogRefused(refusal.Fault);
            return null;
        }

        return checks.Accepted();
    }

    /// <summary>Every reason for which the token would be refused now, for its holder; none where it would be accepted.</summary>
    public async Task<IReadOnlyList<TokenRefusal>> ExplainAsync(string token, CancellationToken cancellationToken) =>
        CompactToken.TryParse(token, out var parsed, out var malformed) ? await (await ChecksAsync(parsed, cancellationToken)).ProblemsAsync() : [malformed];

    private async ValueTask<TokenChecks> ChecksAsync(CompactToken token, CancellationToken cancellationToken)
    {
        var (policy, published) = ring.Current;
        published?.RenewIfOld();
        var checks = Now();
        if (published is not null && await checks.IsOfUnknownKeyAsync())
        {
            await published.RefreshAsync().WaitAsync(cancellationToken);
            checks = Now();
        }

        return checks;

        TokenChecks Now() => new(token, policy, published?.Current ?? IssuerKeys.None, time.GetUtcNow());
    }
}
