using System.Diagnostics;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Telemetry;

/// <summary>Metrics and traces that are pushed to a collector, as OpenTelemetry's own settings say.</summary>
[Trait("Sockets", "Either")]
public sealed class OtlpTests
{
    [Fact]
    public async Task Metrics_and_the_trace_of_a_publish_reach_the_collector()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            "DOTNET_ENVIRONMENT=Development",
            "--urls=http://127.0.0.1:0",
            $"MessageBus__EmbeddedPort={FreePort.Next()}",
            $"OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}",
            "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            "OTEL_METRIC_EXPORT_INTERVAL=200",
            "OTEL_BSP_SCHEDULE_DELAY=200");
        var (trace, caller) = (ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom());

        await PublishTraceTests.PublishAsync(gateway.Addresses[0], trace, caller);

        await Eventually.TrueAsync(() => collector.Has("/v1/traces", Bytes(trace), Bytes(caller)), "the collector has the trace");
        Assert.True(collector.Has("/v1/traces", "service.name", "messagebus", "publish", "messaging.destination.name", "orders/42"));
        await Eventually.TrueAsync(
            () => collector.Has("/v1/metrics", "messagebus.connections.active", "messagebus.loop.turn.duration", "dotnet.process.cpu.time"), "the collector has the metrics");
    }

    [Fact]
    public async Task A_publish_of_a_caller_without_a_trace_is_traced_too_and_a_stop_sends_what_is_left()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            "DOTNET_ENVIRONMENT=Development", "--urls=http://127.0.0.1:0", $"MessageBus__EmbeddedPort={FreePort.Next()}", $"OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}",
            "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf");
        using var http = new HttpClient { BaseAddress = gateway.Addresses[0] };

        using var published = await http.PostAsync("/api/publish?channel=orders/43", new StringContent("paid"));
        await gateway.TerminateAsync();

        Assert.True(collector.Has("/v1/traces", "publish", "orders/43"));
        Assert.True(collector.Has("/v1/metrics", "messagebus.publications.sent"));
    }

    [Fact]
    public async Task A_collector_that_is_away_delays_neither_the_start_nor_the_end()
    {
        using var nobody = new HeldPort();
        await using var gateway = await GatewayProcess.StartAsync(
            "DOTNET_ENVIRONMENT=Development",
            "--urls=http://127.0.0.1:0",
            $"MessageBus__EmbeddedPort={FreePort.Next()}",
            $"OTEL_EXPORTER_OTLP_ENDPOINT=http://{nobody.Endpoint}");

        await PublishTraceTests.PublishAsync(gateway.Addresses[0], ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom());

        Assert.Equal(0, await gateway.TerminateAsync());
    }

    private static byte[] Bytes(ActivityTraceId id)
    {
        var bytes = new byte[16];
        id.CopyTo(bytes);
        return bytes;
    }

    private static byte[] Bytes(ActivitySpanId id)
    {
        var bytes = new byte[8];
        id.CopyTo(bytes);
        return bytes;
    }
}
