using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MessageBus.Brokers;

/// <summary>Unhealthy while publications do not pass: a load balancer should send nobody here.</summary>
internal sealed class BrokerHealthCheck(IBroker broker) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(broker.State is BrokerState.Up ? HealthCheckResult.Healthy("up") : HealthCheckResult.Unhealthy(broker.Problem ?? "down"));
}
