using MessageBus;
using MessageBus.Gateway.CommandLine;
using MessageBus.Gateway.Configuration;
using MessageBus.Gateway.Jwt;
using MessageBus.Gateway.Logging;
using MessageBus.Gateway.Pages;
using MessageBus.Gateway.Telemetry;

if (OperatorCommands.AreMeant(args))
{
    return await OperatorCommands.RunAsync(args);
}

try
{
    var builder = GatewayConfiguration.NewBuilder(args);
    var options = builder.ReadGatewayOptions();
    builder.AddGatewayLogging();
    builder.AddListening(options);
    builder.AddTrustedProxies(options);
    builder.AddBroker(options);
    builder.AddTelemetry(options);
    builder.AddJwt();
    builder.Services.AddProblemDetails();
    builder.Services.AddOpenApi();

    var app = builder.Build();
    app.UseConfigurationReports();
    app.UseFirstRequestDeadline();
    app.UseTrustedProxies();
    app.UseExceptionHandler();
    app.UseStatusCodePages();
    app.UseHttpsOnly(options);
    app.UseClientFiles();
    app.UsePlayground(options);
    app.UseOperatorConsole(options);
    app.UseJwt();
    app.MapMessageBus("/bus");
    app.MapMessageBusApi("/api");
    app.MapHealth("/health");
    app.MapMetrics("/metrics");
    app.MapOpenApi();
    app.AnnounceAddresses();
    using var signals = StopSignals.EndAtSecondSignal();
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (StartFailure.TryExplain(e, out var explanation))
{
    await Console.Error.WriteLineAsync($"MessageBus cannot start: {explanation}");
    return 1;
}

/// <summary>The gateway; public for the tests that host it.</summary>
public sealed partial class Program;
