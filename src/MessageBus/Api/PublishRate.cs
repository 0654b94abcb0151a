using System.Threading.RateLimiting;
using MessageBus.Limits;

namespace MessageBus.Api;

/// <summary>
/// How often each key, user or address may publish over the REST API (<see cref="LimitOptions.MaxApiPublishesPerSecond"/>). One that is quiet
/// takes no memory after a while.
/// </summary>
internal sealed class PublishRate(LimitOptions limits) : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(name =>
        RateLimitPartition.GetTokenBucketLimiter(name, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = limits.MaxApiPublishesPerSecond,
            TokensPerPeriod = limits.MaxApiPublishesPerSecond,
            ReplenishmentPeriod = Period,
        }));

    /// <summary>Whether this one may publish now. Where not, <paramref name="retryAfter"/> says when to try again.</summary>
    public bool Admits(string name, out TimeSpan retryAfter)
    {
        using var lease = _limiter.AttemptAcquire(name);
        retryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : Period;
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
