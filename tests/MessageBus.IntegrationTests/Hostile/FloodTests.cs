using MessageBus.IntegrationTests.Support;
using static MessageBus.IntegrationTests.Support.RawWebSocket;

namespace MessageBus.IntegrationTests.Hostile;

/// <summary>Clients that send without a pause what costs them nothing. The gateway is a process of its own, so that its memory can be read.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class FloodTests : IAsyncLifetime
{
    private const int FlatMegabytes = 48;

    private GatewayProcess _gateway = null!;

    // One loop for all of them: the most that can come before one.
    public async Task InitializeAsync() => _gateway = await SeparateGateway.StartAsync("MessageBus__Limits__CloseTimeout=00:00:01", "MessageBus__Delivery__Loops=1");

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    [Trait("Length", "Long")]
    public async Task Pings_are_answered_one_by_one_without_piling_up()
    {
        const int Clients = 16;
        const int Pings = 300_000;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => PingAsync(Pings / 10)));
        var before = ProcessFacts.ResidentMegabytes(_gateway.ProcessId);

        var flood = Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => PingAsync(Pings)));
        var most = before;
        while (!flood.IsCompleted)
        {
            await GoodClient.IsServedAtAsync(_gateway.Bus);
            most = Math.Max(most, ProcessFacts.ResidentMegabytes(_gateway.ProcessId));
        }

        await flood;
        Assert.True(most < before + FlatMegabytes, $"Memory grew from {before} to {most} MB.");
    }

    [Fact]
    public async Task Pings_of_clients_that_do_not_read_the_answers_get_them_closed()
    {
        var before = ProcessFacts.ResidentMegabytes(_gateway.ProcessId);
        var clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OpenAsync()));
        var pings = Enumerable.Repeat(Frame(Fin | Ping, new byte[125]), 1000).SelectMany(bytes => bytes).ToArray();

        // It goes on until the gateway cuts it.
        await Eventually.DoneAsync(Task.WhenAll(clients.Select(client => Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                await client.SendAsync(pings);
            }
        }))), "the gateway cuts all of them");

        Assert.InRange(ProcessFacts.ResidentMegabytes(_gateway.ProcessId), 0, before + FlatMegabytes);
        await GoodClient.IsServedAtAsync(_gateway.Bus);
        Array.ForEach(clients, client => client.Dispose());
    }

    [Fact]
    public async Task A_message_of_nothing_but_empty_fragments_closes_with_1009_while_others_are_served()
    {
        var before = ProcessFacts.ResidentMegabytes(_gateway.ProcessId);
        var fragments = Enumerable.Repeat(Frame(Continuation, ""u8), 10_000).SelectMany(bytes => bytes).ToArray();

        var flood = Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var client = await OpenAsync();
            await client.SendAsync(Frame(Text, ""u8));
            var closed = client.ReadCloseAsync();
            try
            {
                while (true)
                {
                    await client.SendAsync(fragments);
                }
            }
            catch (IOException)
            {
                // Cut after the close timeout.
            }

            Assert.Equal(1009, await closed);
        }));
        while (!flood.IsCompleted)
        {
            await GoodClient.IsServedAtAsync(_gateway.Bus);
        }

        await flood;
        Assert.InRange(ProcessFacts.ResidentMegabytes(_gateway.ProcessId), 0, before + FlatMegabytes);
    }

    [Fact]
    public async Task Fifty_thousand_subscribes_hold_no_more_than_the_limit()
    {
        const int Subscribes = 50_000;
        const int Limit = 128;
        await using var client = await BusClient.ConnectAsync(_gateway.Bus);

        var sending = Task.Run(async () =>
        {
            for (var n = 1; n <= Subscribes; n++)
            {
                await client.SendTextAsync($$"""{"type":"subscribe","id":{{n}},"channel":"many/{{n}}"}""");
            }
        });
        for (var n = 1; n <= Subscribes; n++)
        {
            var answer = await client.ExpectAsync(n <= Limit ? "subscribed" : "error");
            Assert.Equal(n, answer.GetProperty("id").GetInt32());
            Assert.True(n <= Limit || answer.GetProperty("code").GetString() is "too_many_subscriptions");
        }

        await sending;
        using var http = new HttpClient { BaseAddress = _gateway.Addresses[0] };
        var listed = System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(await http.GetStringAsync("/api/channels"));
        Assert.Equal(Limit, listed.GetArrayLength());
        await GoodClient.IsServedAtAsync(_gateway.Bus);
    }

    /// <summary>Sends pings as fast as it can, and counts the answers: an empty pong is two bytes.</summary>
    private async Task PingAsync(int count)
    {
        using var client = await OpenAsync();
        await client.SendAsync(Frame(Fin | Text, """{"type":"connect"}"""u8));
        await client.ReadFrameAsync();
        var pings = Enumerable.Repeat(Frame(Fin | Ping, ""u8), 5000).SelectMany(bytes => bytes).ToArray();

        var reading = client.ReadAsync(count * 2, TimeSpan.FromMinutes(2));
        for (var sent = 0; sent < count; sent += 5000)
        {
            await client.SendAsync(pings);
        }

        var pongs = await reading;
        Assert.Equal(count, pongs.Chunk(2).Count(pong => pong[0] == (Fin | Pong) && pong[1] is 0));
    }

    private Task<RawWebSocket> OpenAsync() => RawWebSocket.OpenAsync(_gateway.Addresses[0], [$"Host: {_gateway.Addresses[0].Authority}"]);
}
