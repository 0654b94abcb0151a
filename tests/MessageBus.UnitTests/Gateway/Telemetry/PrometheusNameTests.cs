using MessageBus.Gateway.Telemetry.Prometheus;

namespace MessageBus.UnitTests.Gateway.Telemetry;

public sealed class PrometheusNameTests
{
    [Theory]
    [InlineData("messagebus.delivery.delay", "s", "Histogram", "messagebus_delivery_delay_seconds", "seconds")]
    [InlineData("messagebus.delivery.io", "By", "Counter", "messagebus_delivery_io_bytes", "bytes")]
    [InlineData("messagebus.connections.active", "{connection}", "Gauge", "messagebus_connections_active", "")]
    [InlineData("messagebus.broker.up", null, "Gauge", "messagebus_broker_up", "")]
    [InlineData("load", "1", "Gauge", "load_ratio", "ratio")]
    [InlineData("tries", "1", "Counter", "tries", "")]
    [InlineData("wait.seconds", "s", "Gauge", "wait_seconds", "seconds")]
    [InlineData("things.total", null, "Counter", "things", "")]
    [InlineData("things.total", null, "Gauge", "things_total", "")]
    [InlineData("a--b..c/d", null, "Gauge", "a_b_c_d", "")]
    [InlineData("5xx", null, "Gauge", "_5xx", "")]
    [InlineData("speed", "m/s", "Gauge", "speed_m_s", "m_s")]
    public void Name_is_the_one_that_OpenTelemetry_gives_it(string instrument, string? unit, string kind, string family, string unitName)
    {
        Assert.Equal(new PrometheusName(family, unitName), PrometheusName.Of(instrument, unit, Enum.Parse<MetricKind>(kind)));
    }
}
