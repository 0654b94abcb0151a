namespace MessageBus.IntegrationTests.Support;

/// <summary>
/// One gateway for all tests of a class: what one client does wrong must not be felt by those of the tests behind it.
/// </summary>
public sealed class SharedGateway : IAsyncLifetime
{
    public GatewayApp App { get; private set; } = null!;

    public Task InitializeAsync()
    {
        App = GatewayApp.Start();
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => App.DisposeAsync().AsTask();
}

/// <summary>What every test of bad input ends with.</summary>
public static class GoodClient
{
    /// <summary>A client of good manners is served as ever: it connects, subscribes, publishes and hears itself.</summary>
    public static Task IsServedByAsync(GatewayApp gateway) => IsServedAtAsync(gateway.Bus);

    public static async Task IsServedAtAsync(Uri bus)
    {
        var channel = $"good/{Guid.NewGuid():N}";
        await using var client = await BusClient.ConnectAsync(bus, channel);

        await client.SendAsync(new { type = "publish", channel, payload = "still here" });

        Assert.Equal("still here", await client.ExpectTextAsync(channel));
    }
}
