using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MessageBus.Connections;

/// <summary>Unhealthy once the gateway is stopping: a load balancer should send nobody here any more.</summary>
internal sealed class DrainHealthCheck(ConnectionRegistry registry) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(registry.IsClosing ? HealthCheckResult.Unhealthy("stopping") : HealthCheckResult.Healthy("accepting"));
}
