using System.Text;
using MessageBus.Cluster;

namespace MessageBus.UnitTests.Cluster;

/// <summary>What gateways say of themselves, and what others say in their place.</summary>
public sealed class GatewayReportTests
{
    private const string Sound =
        """{"id":"g-0000000000000001","host":"host-1","version":"1.2.3","started":"2026-01-02T03:04:05+00:00","uptime":12.5,"interval":5,"phase":"running","isBrokerUp":true,"connections":1,"channels":2,"subscriptions":3,"received":4,"sent":5,"deliveries":6}""";

    [Fact]
    public void Report_is_written_and_read_as_JSON()
    {
        Assert.Equal(Sound, Encoding.UTF8.GetString(Reports.Of(1).Write()));
        Assert.Equal(Reports.Of(1), Read(Sound));
    }

    [Fact]
    public void Fields_of_a_newer_gateway_are_ignored()
    {
        Assert.Equal(Reports.Of(1), Read(Sound.Replace("\"uptime\"", "\"newer\":{\"deep\":[1]},\"uptime\"", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("not JSON")]
    public void What_is_no_report_is_none(string text)
    {
        Assert.Null(Read(text));
    }

    [Theory]
    [InlineData("\"host\":\"host-1\"", "\"host\":null")]
    [InlineData("\"host\":\"host-1\"", "\"host\":7")]
    [InlineData("\"host\":\"host-1\"", "\"host\":\"\"")]
    [InlineData("\"host\":\"host-1\"", "\"host\":\"two words\"")]
    [InlineData("\"host\":\"host-1\"", "\"host\":\"line\\nbreak\"")]
    [InlineData("\"host\":\"host-1\"", "\"host\":\"\\u202eleft\"")]
    [InlineData("\"host\":\"host-1\"", "\"host\":\"\\ud800\"")]
    [InlineData("\"host\":\"host-1\",", "")]
    [InlineData("\"1.2.3\"", "\"<b> </b>\"")]
    [InlineData("g-0000000000000001", "g-1")]
    [InlineData("g-0000000000000001", "g-0000000000000001\\n")]
    [InlineData("g-0000000000000001", "c-0000000000000001")]
    [InlineData("\"connections\":1", "\"connections\":-1")]
    [InlineData("\"connections\":1", "\"connections\":1.5")]
    [InlineData("\"connections\":1", "\"connections\":\"1\"")]
    [InlineData("\"connections\":1", "\"connections\":9223372036854775808")]
    [InlineData("\"deliveries\":6", "\"deliveries\":-6")]
    [InlineData("\"uptime\":12.5", "\"uptime\":-1")]
    [InlineData("\"uptime\":12.5", "\"uptime\":1e300")]
    [InlineData("\"uptime\":12.5", "\"uptime\":\"NaN\"")]
    [InlineData("\"interval\":5", "\"interval\":0")]
    [InlineData("\"interval\":5", "\"interval\":1e9")]
    [InlineData("\"running\"", "\"walking\"")]
    [InlineData("\"running\"", "0")]
    [InlineData("\"2026-01-02T03:04:05+00:00\"", "\"yesterday\"")]
    public void Report_with_a_field_that_makes_no_sense_is_none(string sound, string wrong)
    {
        var text = Sound.Replace(sound, wrong, StringComparison.Ordinal);

        Assert.NotEqual(Sound, text);
        Assert.Null(Read(text));
    }

    [Fact]
    public void Large_or_deep_report_is_none()
    {
        Assert.NotNull(Read(Sound.PadRight(GatewayReport.MaxBytes)));
        Assert.Null(Read(Sound.PadRight(GatewayReport.MaxBytes + 1)));
        Assert.Null(Read(Sound.Replace("{\"id\"", "{\"deep\":" + new string('[', 1000) + new string(']', 1000) + ",\"id\"", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("gateway-1.example", "gateway-1.example")]
    [InlineData("Maria's Büro\n", "Maria's?B?ro?")]
    [InlineData("", "?")]
    public void Any_name_of_a_machine_can_stand_in_a_report(string name, string text)
    {
        Assert.Equal(text, GatewayReport.HostText(name));
        Assert.NotNull(GatewayReport.Read((Reports.Of(1) with { Host = GatewayReport.HostText(name) }).Write()));
        Assert.NotNull(GatewayReport.Read((Reports.Of(1) with { Host = GatewayReport.HostText(new string('x', 1000)) }).Write()));
    }

    private static GatewayReport? Read(string text) => GatewayReport.Read(Encoding.UTF8.GetBytes(text));
}
