using MessageBus.Brokers;
using MessageBus.Protocol;

namespace MessageBus.Gateway.Configuration;

/// <summary>Connects to the broker as the gateway would: with its credentials, to a primary, proven by a publication that arrives.</summary>
internal static class BrokerCheck
{
    /// <summary>Why that fails; null where it does not. The steps of a start were gone through on this builder.</summary>
    public static async Task<string?> ProblemAsync(WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        await using var services = builder.Services.BuildServiceProvider();
        var broker = services.GetRequiredService<IBroker>();
        await broker.StartAsync(new Deaf(), CancellationToken.None);
        var problem = broker.State is BrokerState.Up ? null : $"'ConnectionStrings:Redis': {broker.Problem ?? "Redis does not answer"}.";
        await broker.StopAsync(CancellationToken.None);
        return problem;
    }

    private sealed class Deaf : IBrokerSink
    {
        public void Deliver(in Publication publication)
        {
        }

        public void Missed(ChannelName channel)
        {
        }

        public void BrokerLost()
        {
        }

        public void BrokerRestored()
        {
        }
    }
}
