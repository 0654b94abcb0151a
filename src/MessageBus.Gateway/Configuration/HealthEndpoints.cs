using MessageBus.Diagnostics;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MessageBus.Gateway.Configuration;

/// <summary><c>live</c>: the process serves requests. <c>ready</c>: it should be given connections; 503 while the broker is away.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this WebApplication app, string prefix)
    {
        app.MapHealthChecks($"{prefix}/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks($"{prefix}/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(HealthTags.Ready), ResponseWriter = WriteAsync });
    }

    /// <summary>One line: the status, and what is wrong. It names no address and nothing secret.</summary>
    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        var problems = report.Entries.Values.Where(entry => entry.Status is not HealthStatus.Healthy && entry.Description is not null).Select(entry => entry.Description).Distinct();
        return context.Response.WriteAsync(report.Status is HealthStatus.Healthy ? $"{report.Status}" : $"{report.Status}: {string.Join("; ", problems)}");
    }
}
