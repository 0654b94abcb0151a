using MessageBus.Gateway.Configuration;
using Microsoft.Extensions.Configuration;

namespace MessageBus.UnitTests.Gateway;

public sealed class KnownKeysTests
{
    [Theory]
    [InlineData("MessageBus:MaxBacklogByte", "MessageBus:Limits:MaxBacklogBytes")]
    [InlineData("MessageBus:maxsubscriptionperconnections", "MessageBus:Limits:MaxSubscriptionsPerConnection")]
    [InlineData("MessageBus:PingIntervall", "MessageBus:Limits:PingInterval")]
    [InlineData("MessageBus:AllowEmbeded", "MessageBus:AllowEmbedded")]
    [InlineData("MessageBus:Certificates:Path", "MessageBus:Certificate")]
    [InlineData("MessageBus:Certificate:Pth", "MessageBus:Certificate:Path")]
    [InlineData("MessageBus:certificate:keyfile", "MessageBus:certificate:KeyPath")]
    public void Unknown_key_is_named_with_the_nearest_known_one(string key, string nearest)
    {
        var problem = Assert.Throws<ConfigurationProblem>(() => Check(key));

        var unknown = key.Split(':') is ["MessageBus", "Certificates", _] ? "MessageBus:Certificates" : key;
        Assert.Equal($"There is no setting '{unknown}'. Did you mean '{nearest}'?", problem.Message);
    }

    [Theory]
    [InlineData("MessageBus:MaxConnections", "MessageBus:Limits:MaxConnections")]
    [InlineData("MessageBus:PINGINTERVAL", "MessageBus:Limits:PingInterval")]
    [InlineData("MessageBus:DrainTimeout", "MessageBus:Drain:Timeout")]
    [InlineData("MessageBus:CanaryInterval", "MessageBus:Broker:ProbeInterval")]
    [InlineData("MessageBus:PeerInterval", "MessageBus:Cluster:ReportInterval")]
    [InlineData("MessageBus:DeliveryLoops", "MessageBus:Delivery:Loops")]
    public void Setting_counts_under_its_old_name_and_a_warning_names_the_new_one(string old, string name)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection([KeyValuePair.Create<string, string?>(old, "00:00:07")]);
        RenamedKeys.AddTo(configuration);

        Assert.Equal("00:00:07", configuration[name]);
        Assert.Contains(name.Split(':')[^1], configuration.GetSection(name[..name.LastIndexOf(':')]).GetChildren().Select(child => child.Key));
        Assert.Contains($"is now called '{name}'", Assert.Single(RenamedKeys.Warnings(configuration)), StringComparison.Ordinal);
        KnownKeys.Check(configuration.GetSection("MessageBus"), typeof(MessageBusOptions), typeof(GatewayOptions));
    }

    [Fact]
    public void New_name_of_a_setting_counts_more_than_the_old_one()
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection([KeyValuePair.Create<string, string?>("MessageBus:Limits:MaxConnections", "5"), KeyValuePair.Create<string, string?>("MessageBus:MaxConnections", "7")]);
        RenamedKeys.AddTo(configuration);
        var options = new MessageBusOptions();

        configuration.GetSection("MessageBus").Bind(options);

        Assert.Equal(5, options.Limits.MaxConnections);
        Assert.Contains("Remove it", Assert.Single(RenamedKeys.Warnings(configuration)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MessageBus:Channels:0:Patern", "1", "Did you mean 'MessageBus:Channels:0:Pattern'?")]
    [InlineData("MessageBus:Chanels:0:Pattern", "1", "Did you mean 'MessageBus:Channels'?")]
    [InlineData("MessageBus:Channels:Pattern", "a", "'MessageBus:Channels:Pattern' must be 'MessageBus:Channels:0'")]
    [InlineData("MessageBus:Channels:0", "chat/**", "'MessageBus:Channels:0:Pattern'")]
    [InlineData("MessageBus:AutoSubscribe", "user/{user}", "write 'MessageBus:AutoSubscribe:0'")]
    [InlineData("MessageBus:AutoSubscribe:0:Pattern", "user/{user}", "'MessageBus:AutoSubscribe:0' is a single text")]
    [InlineData("MessageBus:AllowedOrigins:x", "https://a.example", "must be 'MessageBus:AllowedOrigins:0'")]
    public void A_list_that_is_written_wrongly_is_told_how_to_write_it(string key, string value, string right)
    {
        var problem = Assert.Throws<ConfigurationProblem>(() => Check(KeyValuePair.Create<string, string?>(key, value)));

        Assert.Contains(right, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MessageBus:Channels:0:Pattern")]
    [InlineData("MessageBus:channels:17:SUBSCRIBE")]
    [InlineData("MessageBus:AutoSubscribe:0")]
    [InlineData("MessageBus:AllowedOrigins:3")]
    [InlineData("MessageBus:Limits:MaxBacklogBytes")]
    [InlineData("MessageBus:MAXBACKLOGBYTES")]
    [InlineData("messagebus:pinginterval")]
    [InlineData("MessageBus:EmbeddedPort")]
    [InlineData("MessageBus:Certificate:Path")]
    [InlineData("MessageBus:certificate:KEYPATH")]
    [InlineData("MessageBus:Certificate:Password")]
    [InlineData("Elsewhere:MaxBacklogByte")]
    public void Known_key_passes_in_any_case(string key)
    {
        Assert.Null(Record.Exception(() => Check(key)));
    }

    [Fact]
    public void One_unknown_key_among_known_ones_is_found()
    {
        var problem = Assert.Throws<ConfigurationProblem>(() => Check("MessageBus:Limits:PingInterval", "MessageBus:Certificate:Path", "MessageBus:Typo"));

        Assert.Contains("'MessageBus:Typo'", problem.Message, StringComparison.Ordinal);
    }

    private static void Check(params string[] keys) => Check([.. keys.Select(key => KeyValuePair.Create<string, string?>(key, "1"))]);

    private static void Check(params KeyValuePair<string, string?>[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        KnownKeys.Check(configuration.GetSection("MessageBus"), typeof(MessageBusOptions), typeof(GatewayOptions));
    }
}
