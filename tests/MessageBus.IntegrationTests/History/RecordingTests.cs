using System.Globalization;
using MessageBus.IntegrationTests.Support;
using MessageBus.Redis.Recording;
using StackExchange.Redis;

namespace MessageBus.IntegrationTests.History;

/// <summary>What plain PUBLISHes become in Redis, with one recorder on it: a contiguous run of them.</summary>
[Trait("Sockets", "Either")]
public class RecordingTests
{
    [Fact]
    public async Task Plain_publications_are_recorded_in_order_with_contiguous_offsets()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var recorder = new RecorderUnderTest(redis.Port, Recorded());
        await Eventually.TrueAsync(() => recorder.Role is RecordingRole.Recorder, "the only gateway records");
        await using var client = await ConnectionMultiplexer.ConnectAsync(redis.Endpoint);

        for (var n = 1; n <= 100; n++)
        {
            await client.GetSubscriber().PublishAsync(RedisChannel.Literal("orders/1"), n);
        }

        await Eventually.TrueAsync(async () => (await LogAsync(client, recorder.Names, "orders/1")).Count is 100, "everything is recorded");
        Assert.Equal(Enumerable.Range(1, 100), await LogAsync(client, recorder.Names, "orders/1"));
        Assert.Equal("100", await client.GetDatabase().HashGetAsync(recorder.Names.Meta("orders/1"), "o"));
        Assert.Equal(0, await client.GetDatabase().ListLengthAsync(recorder.Names.Log("other/1")));
    }

    private static RecordedChannels Recorded() => new(
    [
        new("orders/*", "orders/*", IsLiteral: false, channel => channel.StartsWith("orders/", StringComparison.Ordinal), new HistoryBounds(100_000, TimeSpan.FromHours(1))),
    ]);

    /// <summary>The numbers of a channel's log; -1 for a mark that messages may be missing.</summary>
    private static async Task<List<int>> LogAsync(ConnectionMultiplexer client, HistoryNames names, string channel) =>
        [.. (await client.GetDatabase().ListRangeAsync(names.Log(channel))).Select(entry => Number(entry!))];

    private static int Number(string entry) => entry.EndsWith('!') ? -1 : int.Parse(entry[(entry.IndexOf(':') + 1)..], CultureInfo.InvariantCulture);
}
