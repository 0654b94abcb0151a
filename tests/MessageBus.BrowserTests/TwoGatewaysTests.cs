using System.Text;
using System.Text.Json;
using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;
using StackExchange.Redis;
using static Microsoft.Playwright.Assertions;

namespace MessageBus.BrowserTests;

/// <summary>Browsers on different gateways, and backends, meet on one Redis.</summary>
[Collection(Chromium.Client)]
public sealed class TwoGatewaysTests(Chromium chromium)
{
    [Fact]
    public async Task A_page_hears_a_page_of_another_gateway_and_a_backend_in_order()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gatewayA = GatewayApp.Start(redis);
        await using var gatewayB = GatewayApp.Start(redis);
        await using var onA = await chromium.OpenPlaygroundAsync(gatewayA.Http);
        await using var onB = await chromium.OpenPlaygroundAsync(gatewayB.Http);
        await onA.SubscribeAsync("chat/1");

        await onB.PublishAsync("chat/1", "first, from B");
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "chat/1", "second, from a backend");
        await onB.PublishAsync("chat/1", "third, from B");
        await onA.PublishAsync("chat/1", "fourth, from A itself");

        await Expect(onA.Payloads).ToHaveTextAsync(["fourth, from A itself", "third, from B", "second, from a backend", "first, from B"]);
        await Expect(onB.Messages).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Awkward_payloads_of_a_backend_reach_a_page_byte_for_byte()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var application = await chromium.OpenApplicationAsync(gateway.Http);
        await application.RunAsync("() => { window.received = []; }");
        await application.SubscribeAsync("awkward", "(payload, _, message) => received.push({ payload, bytes: Array.from(message.bytes) })");
        using var backend = new RespConnection(redis.Port);

        await backend.PublishAsync(Payloads.Awkward.Select(payload => ("awkward", payload)));
        await application.ExpectAsync("count => received.length >= count", Payloads.Awkward.Count);
        var json = await application.ValueAsync<string>("JSON.stringify(received)");

        var received = JsonSerializer.Deserialize<JsonElement[]>(json)!;
        Assert.Equal(Payloads.Awkward, received.Select(message => message.GetProperty("bytes").EnumerateArray().Select(b => b.GetByte()).ToArray()));
        Assert.Equal(Texts(), received.Take(Texts().Count).Select(message => message.GetProperty("payload").GetString()));
    }

    [Fact]
    public async Task Awkward_payloads_of_a_page_reach_a_backend_byte_for_byte()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var application = await chromium.OpenApplicationAsync(gateway.Http);
        using var backend = await ConnectionMultiplexer.ConnectAsync(redis.Endpoint);
        var received = System.Threading.Channels.Channel.CreateUnbounded<byte[]>();
        await backend.GetSubscriber().SubscribeAsync(
            new RedisChannel("awkward", RedisChannel.PatternMode.Literal), (_, payload) => received.Writer.TryWrite(payload!));

        // As base64 a payload takes a third more, and a message of the page may take 64 KiB.
        foreach (var payload in Payloads.Awkward.Where(payload => payload.Length < 48 * 1024))
        {
            await application.PublishBytesAsync("awkward", payload);
            Assert.Equal(payload, await NextAsync());
        }

        foreach (var text in Texts())
        {
            await application.PublishTextAsync("awkward", text);
            Assert.Equal(text, Encoding.UTF8.GetString(await NextAsync()));
        }

        Task<byte[]> NextAsync() => Eventually.ResultAsync(received.Reader.ReadAsync().AsTask(), "the backend hears the page");
    }

    /// <summary>Those that are text, which stand first.</summary>
    private static List<string> Texts() => [.. Payloads.Awkward.TakeWhile(payload => payload is not [0xFF, ..]).Select(Encoding.UTF8.GetString)];
}
