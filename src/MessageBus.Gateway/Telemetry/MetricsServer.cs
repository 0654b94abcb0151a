using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Metrics;

namespace MessageBus.Gateway.Telemetry;

/// <summary>
/// Serves <c>GET /metrics</c>, and nothing else, on an address of its own. A server of its own too: it can be reached while the gateway drains, and no
/// setting of the public addresses concerns it.
/// </summary>
/// <param name="listen">On which address and port.</param>
/// <param name="metrics">What is served there.</param>
/// <param name="loggers">For the server's log too.</param>
internal sealed partial class MetricsServer(Action<KestrelServerOptions> listen, MeterProvider metrics, ILoggerFactory loggers) : IHostedService
{
    private const string Path = "/metrics";

    private readonly ILogger _logger = loggers.CreateLogger<MetricsServer>();
    private WebApplication? _app;

    /// <summary>Where the metrics are; null while the server does not run.</summary>
    public Uri? Address { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            listen(kestrel);
        });
        _app = builder.Build();
        _app.UseOpenTelemetryPrometheusScrapingEndpoint(metrics, IsScrape, path: null, GatewayTelemetry.NeverStored, optionsName: null);
        _app.Run(NotFoundAsync);
        await _app.StartAsync(cancellationToken);
        var address = _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        Address = new Uri(new Uri(address), Path);
        LogServing(Address);
    }

    /// <summary>A host may stop its services more than once.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _app, null) is { } app)
        {
            Address = null;
            await app.StopAsync(cancellationToken);
            await app.DisposeAsync();
        }
    }

    private static bool IsScrape(HttpContext context) => context.Request.Path == Path && HttpMethods.IsGet(context.Request.Method);

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Metrics are served at {Address}")]
    private partial void LogServing(Uri address);
}
