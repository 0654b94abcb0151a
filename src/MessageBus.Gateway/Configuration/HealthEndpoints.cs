using MessageBus.Diagnostics;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;

namespace MessageBus.Gateway.Configuration;

/// <summary><c>live</c>: the process serves requests. <c>ready</c>: it should be given connections; 503 while the broker is away.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this WebApplication app, string prefix)
    {
        app.MapHealthChecks($"{prefix}/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks($"{prefix}/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(HealthTags.Ready) });
    }
}
