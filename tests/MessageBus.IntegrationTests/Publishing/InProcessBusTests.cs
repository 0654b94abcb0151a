using MessageBus.IntegrationTests.Support;
using MessageBus.Publishing;
using Microsoft.Extensions.DependencyInjection;

namespace MessageBus.IntegrationTests.Publishing;

/// <summary>The bus for the code of an app: it speaks to the same channels as browsers and plain Redis clients.</summary>
[Trait("Sockets", "Either")]
public class InProcessBusTests
{
    private sealed record Order(int Number, string State);

    [Fact]
    public async Task App_hears_a_plain_publish_and_a_plain_subscriber_hears_the_app()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var app = await EmbeddingApp.StartAsync(redis, _ => { });
        var bus = app.Services.GetRequiredService<IMessageBus>();
        await using var listener = await RedisCli.SubscribeAsync(redis.Port, "orders/42");
        await using var messages = bus.SubscribeAsync("orders/42").GetAsyncEnumerator();
        var first = messages.MoveNextAsync();
        await Eventually.TrueAsync(async () => await RedisCli.RunAsync(redis.Port, "PUBLISH", "orders/42", "paid") is "2", "both are subscribed");

        Assert.True(await Eventually.ResultAsync(first.AsTask(), "the app hears it"));
        Assert.Equal(("orders/42", "paid"), (messages.Current.Channel, messages.Current.Text));

        await bus.PublishJsonAsync("orders/42", new Order(42, "sent"));
        Assert.True(await Eventually.ResultAsync(messages.MoveNextAsync().AsTask(), "the app hears itself"));
        Assert.Equal(new Order(42, "sent"), messages.Current.Json<Order>());
        var heard = new List<string>();
        while (heard.LastOrDefault() != """{"number":42,"state":"sent"}""")
        {
            heard.Add(await listener.ReadLineAsync());
        }
    }

    [Fact]
    public async Task Bytes_are_published_as_they_are()
    {
        await using var app = await EmbeddingApp.StartAsync();
        var bus = app.Services.GetRequiredService<IMessageBus>();
        await using var messages = bus.SubscribeAsync("raw").GetAsyncEnumerator();
        var first = messages.MoveNextAsync().AsTask();

        await Eventually.TrueAsync(
            async () =>
            {
                await bus.PublishAsync("raw", new byte[] { 0, 255, 10 });
                return first.IsCompleted;
            },
            "the app hears it");

        Assert.Equal([0, 255, 10], messages.Current.Payload.ToArray());
    }

    [Fact]
    public async Task Reader_that_is_too_slow_is_told_of_a_gap()
    {
        await using var app = await EmbeddingApp.StartAsync();
        var bus = app.Services.GetRequiredService<IMessageBus>();
        await using var messages = bus.SubscribeAsync("busy").GetAsyncEnumerator();
        var first = messages.MoveNextAsync().AsTask();
        await Eventually.TrueAsync(
            async () =>
            {
                await bus.PublishAsync("busy", "first");
                return first.IsCompleted;
            },
            "the app is subscribed");

        for (var n = 0; n < 3000; n++)
        {
            await bus.PublishAsync("busy", "more");
        }

        var read = 0;
        do
        {
            if (++read % 100 is 0)
            {
                await bus.PublishAsync("busy", "more");
            }

            Assert.True(await Eventually.ResultAsync(messages.MoveNextAsync().AsTask(), "there is a message or a gap"));
        }
        while (!messages.Current.IsGap && read < 5000);

        Assert.True(messages.Current.IsGap);
    }

    [Fact]
    public async Task Bad_channel_and_too_long_payload_are_refused_in_words()
    {
        await using var app = await EmbeddingApp.StartAsync(("MessageBus:Limits:MaxPayloadBytes", "8"));
        var bus = app.Services.GetRequiredService<IMessageBus>();

        Assert.Contains("reserved", (await Assert.ThrowsAsync<ArgumentException>(() => bus.PublishAsync("mb:x", "a"))).Message, StringComparison.Ordinal);
        Assert.Contains("at most 8 bytes", (await Assert.ThrowsAsync<ArgumentException>(() => bus.PublishAsync("a", "123456789"))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => bus.SubscribeAsync(""));
    }

    [Fact]
    public async Task Lost_broker_is_an_exception()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var app = await EmbeddingApp.StartAsync(redis, _ => { });
        await redis.KillAsync();
        var bus = app.Services.GetRequiredService<IMessageBus>();

        await Assert.ThrowsAsync<BusUnavailableException>(() => bus.PublishAsync("orders/42", "paid"));
    }
}
