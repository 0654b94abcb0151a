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

    private static void Check(params string[] keys)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(keys.Select(key => KeyValuePair.Create<string, string?>(key, "1")))
            .Build();
        KnownKeys.Check(configuration.GetSection("MessageBus"), typeof(MessageBusOptions), typeof(GatewayOptions));
    }
}
