using MessageBus.Gateway.Configuration;
using Microsoft.Extensions.Configuration;

namespace MessageBus.UnitTests.Gateway;

public sealed class KnownKeysTests
{
    [Theory]
    [InlineData("MessageBus:MaxBacklogByte", "MessageBus:MaxBacklogBytes")]
    [InlineData("MessageBus:maxsubscriptionperconnections", "MessageBus:MaxSubscriptionsPerConnection")]
    [InlineData("MessageBus:PingIntervall", "MessageBus:PingInterval")]
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
    [InlineData("MessageBus:MaxBacklogBytes")]
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
        var problem = Assert.Throws<ConfigurationProblem>(() => Check("MessageBus:PingInterval", "MessageBus:Certificate:Path", "MessageBus:Typo"));

        Assert.Contains("'MessageBus:Typo'", problem.Message, StringComparison.Ordinal);
    }

    private static void Check(params string[] keys) => Check([.. keys.Select(key => KeyValuePair.Create<string, string?>(key, "1"))]);

    private static void Check(params KeyValuePair<string, string?>[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        KnownKeys.Check(configuration.GetSection("MessageBus"), typeof(MessageBusOptions), typeof(GatewayOptions));
    }
}
