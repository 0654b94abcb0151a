using MessageBus.Brokers;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MessageBus.Diagnostics;

/// <summary>Unhealthy while publications do not pass: a load balancer should send nobody here.</summary>
internal sealed class BrokerHealthCheck(IBroker broker) : IHealthCheck
{
    /// <summary>The tag of the checks that decide whether the gateway is ready.</summary>
    public const string ReadyTag = "ready";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(broker.State is BrokerState.Up ? HealthCheckResult.Healthy("up") : HealthCheckResult.Unhealthy("down"));
}
