using System.Collections.Concurrent;
using System.Diagnostics;
using MessageBus.IntegrationTests.Hostile;
using MessageBus.IntegrationTests.Support;
using StackExchange.Redis;
using Xunit.Abstractions;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>A gateway that is stopped takes the time that it was given, and not more. Beside other tests nothing can be said about that.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class DrainTimeTests(ITestOutputHelper output)
{
    private static readonly string[] Settings = ["DOTNET_ENVIRONMENT=Development", "--urls=http://127.0.0.1:0"];

    // Where nothing is set.
    private static readonly TimeSpan DefaultDrainTimeout = TimeSpan.FromSeconds(20);

    // For those that are cut to be gone, and for the process to end.
    private static readonly TimeSpan CutAndExit = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_thousand_connections_are_closed_over_the_window_and_nothing_accepted_is_lost()
    {
        const int Clients = 1000;
        const int Writers = 20;
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync([.. Settings, $"ConnectionStrings__Redis={redis.Endpoint}", "MessageBus__Drain__ConnectionsPerSecond=200"]);
        var channels = Enumerable.Range(0, 20).Select(n => $"drain/{n}").ToArray();
        await using var publisher = new StampedPublisher(redis.Port, TimeSpan.FromMilliseconds(40), channels);
        var ends = new ConcurrentQueue<long>();
        var witnesses = new List<(Witness Witness, Task Ended)>();
        foreach (var some in Enumerable.Range(0, Clients - Writers).Chunk(channels.Length))
        {
            var started = await Task.WhenAll(some.Select(n => Witness.StartOnceAsync(gateway.Bus, channels[n % channels.Length])));
            witnesses.AddRange(started.Select(witness => (witness, NoteEndAsync(witness, ends))));
        }

        using var listener = await ConnectionMultiplexer.ConnectAsync(redis.Endpoint);
        var arrived = new ConcurrentDictionary<string, bool>();
        await listener.GetSubscriber().SubscribeAsync(RedisChannel.Literal("drain/written"), (_, payload) => arrived[payload!] = true);
        var writing = new List<Task<IReadOnlyList<string>>>();
        for (var n = 0; n < Writers; n++)
        {
            writing.Add(WriteAsync(await BusClient.ConnectAsync(gateway.Bus), $"writer {n}"));
        }

        var stopping = Stopwatch.StartNew();
        gateway.BeginToTerminate();
        var exitCode = await gateway.WaitForExitAsync();
        var took = stopping.Elapsed;
        var accepted = (await Task.WhenAll(writing)).SelectMany(payloads => payloads).ToList();
        await Task.WhenAll(witnesses.Select(one => one.Ended));

        Assert.Equal(0, exitCode);
        foreach (var (witness, _) in witnesses)
        {
            witness.HasSeenNoWrong();
            Assert.Equal("""moving {"type":"moving","within":5000}""", witness.Told[0]);
            Assert.Equal("closed 4503", witness.Told[^1]);
        }

        IsSpread([.. ends.Order()], over: TimeSpan.FromSeconds(5));
        IsWithin(DefaultDrainTimeout, took, "the gateway had ended");
        Assert.NotEmpty(accepted);
        await Eventually.TrueAsync(() => accepted.All(arrived.ContainsKey), "every publication that was answered has arrived at Redis");
        await Task.WhenAll(witnesses.Select(one => one.Witness.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task A_client_that_takes_nothing_is_cut_when_the_time_is_over_and_the_exit_code_is_0()
    {
        await using var gateway = await GatewayProcess.StartAsync(
            [.. Settings, $"MessageBus__EmbeddedPort={FreePort.Next()}", "MessageBus__Drain__Timeout=00:00:03", "MessageBus__Limits__CloseTimeout=00:05:00", "MessageBus__Limits__MaxBacklogBytes=268435456", "MessageBus__Limits__MaxBacklogAge=00:05:00"]);
        await using var stuck = await BusClient.OpenAsync(gateway.Bus, paused: true);
        await stuck.SendAsync(new { type = "connect", subscriptions = new[] { new { channel = "flood" } } });
        using var http = new HttpClient { BaseAddress = gateway.Addresses[0] };
        await Eventually.TrueAsync(async () => await http.GetStringAsync("/api/channels") is not "[]", "the stuck client is subscribed");
        await using var writer = await BusClient.ConnectAsync(gateway.Bus);
        for (var n = 0; n < 400; n++)
        {
            await writer.PublishAsync("flood", new string('x', 60 * 1024));
        }

        var stopping = Stopwatch.StartNew();
        Assert.Equal(0, await gateway.TerminateAsync());
        IsWithin(TimeSpan.FromSeconds(3) + CutAndExit, stopping.Elapsed, "the gateway had ended");
        Assert.Equal(4503, await writer.ExpectCloseAsync());
    }

    /// <summary>The closes took that long, and no fifth of it had more than twice its share.</summary>
    private void IsSpread(IReadOnlyList<long> ends, TimeSpan over)
    {
        var whole = Stopwatch.GetElapsedTime(ends[0], ends[^1]);
        var busiest = ends.Max(begin => ends.Count(end => end >= begin && Stopwatch.GetElapsedTime(begin, end) < over / 5));
        output.WriteLine($"{ends.Count} closes over {whole.TotalSeconds:0.00} s, at most {busiest} in a fifth of the window.");
        Assert.InRange(whole, over * 0.9, over * 2);
        Assert.True(busiest <= ends.Count * 2 / 5, $"{busiest} of {ends.Count} closes came in a fifth of the window.");
    }

    private void IsWithin(TimeSpan limit, TimeSpan took, string what)
    {
        output.WriteLine($"It took {took.TotalSeconds:0.00} s until {what}.");
        Assert.True(took < limit, $"It took {took} until {what}.");
    }

    private static async Task NoteEndAsync(Witness witness, ConcurrentQueue<long> ends)
    {
        await witness.EndsAsync(TimeSpan.FromMinutes(2));
        ends.Enqueue(Stopwatch.GetTimestamp());
    }

    /// <summary>Publishes as fast as it is answered, until the connection is closed. Returns what was answered.</summary>
    private static async Task<IReadOnlyList<string>> WriteAsync(BusClient client, string name)
    {
        await using var _ = client;
        var sent = 0;
        var answered = new List<string>();
        try
        {
            await client.SendAsync(new { type = "publish", id = ++sent, channel = "drain/written", payload = $"{name}: {sent}" });
            await foreach (var message in client.ReadAllAsync(CancellationToken.None))
            {
                if (message.GetProperty("type").GetString() is "published")
                {
                    answered.Add($"{name}: {message.GetProperty("id").GetInt32()}");
                    await client.SendAsync(new { type = "publish", id = ++sent, channel = "drain/written", payload = $"{name}: {sent}" });
                }
            }
        }
        catch (System.Net.WebSockets.WebSocketException)
        {
            // Closed while it was writing.
        }

        return answered;
    }
}
