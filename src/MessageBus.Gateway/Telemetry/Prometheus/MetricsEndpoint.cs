using System.Text;

namespace MessageBus.Gateway.Telemetry.Prometheus;

/// <summary>Answers with the metrics, in the format that the request asks for.</summary>
internal sealed class MetricsEndpoint(MetricsCollector collector)
{
    public async Task ServeAsync(HttpContext context)
    {
        var format = ExpositionFormats.Choose(context.Request.GetTypedHeaders().Accept);
        var text = Exposition.Write(collector.Collect(), format);
        context.Response.ContentType = format.ContentType();
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsync(text, Encoding.UTF8, context.RequestAborted);
    }
}
