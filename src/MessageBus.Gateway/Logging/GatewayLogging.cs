using System.Globalization;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Json;

namespace MessageBus.Gateway.Logging;

/// <summary>Serilog on the console: lines to read in Development, a JSON object per line elsewhere. Levels stand in the section <c>Serilog</c>.</summary>
internal static class GatewayLogging
{
    private const string ReadableLine = "{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{NewLine}{Exception}";

    // At Debug it quotes what it could not read, which may be a header with a token or a key.
    private const string BadRequests = "Microsoft.AspNetCore.Server.Kestrel.BadRequests";

    /// <summary>Sinks and enrichers that are registered as services take part.</summary>
    public static void AddGatewayLogging(this WebApplicationBuilder builder) => builder.Services.AddSerilog(
        (services, logger) =>
        {
            logger.ReadFrom.Configuration(builder.Configuration).ReadFrom.Services(services)
                .MinimumLevel.Override(BadRequests, LogEventLevel.Information)
                .Enrich.With<HiddenQueries>()
                .Enrich.With<VisibleControlCharacters>();
            _ = builder.Environment.IsDevelopment()
                ? logger.WriteTo.Console(outputTemplate: ReadableLine, formatProvider: CultureInfo.InvariantCulture)
                : logger.WriteTo.Console(new JsonFormatter(renderMessage: true, formatProvider: CultureInfo.InvariantCulture));
        },
        // Another gateway in the same process has a logger of its own.
        preserveStaticLogger: true);
}
