using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Delivery;

/// <summary>Memory is measured for the whole process: nothing else may run beside.</summary>
[CollectionDefinition(nameof(NeverReadsTests), DisableParallelization = true)]
public sealed class NeverReadsCollectionDefinition;

/// <summary>A client that never reads takes memory up to its limit, gives it back, and hurts nobody but itself.</summary>
[Collection(nameof(NeverReadsTests))]
public sealed class NeverReadsTests
{
    private const int Others = 100;
    private const int MaxBacklogBytes = 4 * 1024 * 1024;

    // Large, so that few of them fill what the kernel takes and the limit.
    private static readonly byte[] Payload = [.. Enumerable.Repeat((byte)'x', 60 * 1024)];

    [Fact]
    public async Task It_is_closed_as_too_slow_while_a_hundred_others_lose_nothing()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis, ("MessageBus:Limits:CloseTimeout", "00:00:30"), ("MessageBus:Limits:MaxBacklogBytes", $"{MaxBacklogBytes}"));
        await using var slow = await BusClient.OpenAsync(gateway.Bus, paused: true);
        await slow.SendAsync(new { type = "connect", subscriptions = new[] { new { channel = "flood" } } });
        await Eventually.TrueAsync(async () => (await gateway.GetJsonAsync("/api/channels")).GetArrayLength() is 1, "the slow client is subscribed");
        var others = await Task.WhenAll(Enumerable.Range(0, Others).Select(_ => BusClient.ConnectAsync(gateway.Bus, "flood")));
        using var backend = new RespConnection(redis.Port);

        // What it takes to carry such publications at all is there before memory is measured.
        await PublishHeardByAllAsync(backend, others);
        var memoryBefore = GC.GetTotalMemory(forceFullCollection: true);

        // One at a time, each heard by all others before the next: what waits anywhere waits for the slow one.
        for (var rounds = 0; await OpenConnectionsAsync(gateway) > Others && rounds < 1000; rounds++)
        {
            for (var n = 0; n < 10; n++)
            {
                await PublishHeardByAllAsync(backend, others);
            }
        }

        slow.ForgetReceived();
        slow.Resume();

        Assert.Equal(4508, await slow.ExpectCloseAsync());
        Assert.Equal("too slow", slow.CloseText);
        Assert.All(others, other => Assert.True(other.IsQuiet));
        await Eventually.TrueAsync(
            () => GC.GetTotalMemory(forceFullCollection: true) < memoryBefore + (MaxBacklogBytes / 2), "the memory that the slow client took returns");
        await Task.WhenAll(others.Select(other => other.DisposeAsync().AsTask()));
    }

    private static async Task PublishHeardByAllAsync(RespConnection backend, BusClient[] others)
    {
        await backend.PublishAsync("flood", Payload);
        await Task.WhenAll(others.Select(other => other.ExpectPayloadAsync("flood")));
    }

    private static async Task<int> OpenConnectionsAsync(GatewayApp gateway) => (await gateway.GetJsonAsync("/api/connections")).GetArrayLength();
}
