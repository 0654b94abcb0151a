using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.EmbeddedRedis;

/// <summary>What RESP clients and browsers hear of each other.</summary>
[Trait("Sockets", "Either")]
public sealed class GatewayAndRedisClientsTests
{
    [Fact]
    public async Task All_see_one_order_when_browsers_and_redis_clients_publish_at_once()
    {
        const int Each = 500;
        await using var host = await EmbeddedRedisHost.StartAsync();
        await host.SubscribeAsync("a");
        using var byName = await RawRedisClient.ConnectAsync(host.Port);
        using var byPattern = await RawRedisClient.ConnectAsync(host.Port);
        await byName.ExchangeAsync("SUBSCRIBE a\r\n");
        await byPattern.ExchangeAsync("HELLO 3\r\nPSUBSCRIBE *\r\n");

        await Task.WhenAll(
            Task.Run(() => PublishFromRedisAsync("one")),
            Task.Run(() => PublishFromRedisAsync("two")),
            Task.Run(PublishFromBrowsersAsync));
        await RedisCli.RunAsync(host.Port, "PUBLISH", "a", "last");

        var heardByName = Payloads(await byName.TakeThroughAsync("last\r\n"));
        var heardByPattern = Payloads(await byPattern.TakeThroughAsync("last\r\n"));
        var heardByGateway = host.Gateway.Publications.Select(publication => publication["a ".Length..]).ToArray();
        Assert.Equal((3 * Each) + 1, heardByGateway.Length);
        Assert.Equal(heardByGateway, heardByName);
        Assert.Equal(heardByGateway, heardByPattern);

        async Task PublishFromRedisAsync(string who)
        {
            using var client = await RawRedisClient.ConnectAsync(host.Port);
            await client.ExchangeAsync(string.Concat(Enumerable.Range(0, Each).Select(i => $"PUBLISH a {who}-{i}\r\n")));
        }

        async Task PublishFromBrowsersAsync()
        {
            for (var i = 0; i < Each; i++)
            {
                await host.PublishAsync("a", $"browser-{i}");
            }
        }

        static IEnumerable<string> Payloads(string messages) =>
            messages.Split("\r\n").Where(line => line.Contains('-', StringComparison.Ordinal) || line == "last");
    }

    [Theory]
    [InlineData("__keyspace@0__:x")]
    [InlineData("mb:internal")]
    [InlineData("with space")]
    [InlineData("not-utf8-\u00ff")]
    [InlineData("star*")]
    [InlineData("")]
    public async Task Names_that_browsers_may_not_use_stay_among_redis_clients(string channel)
    {
        await using var host = await EmbeddedRedisHost.StartAsync();
        using var subscriber = await RawRedisClient.ConnectAsync(host.Port);
        using var publisher = await RawRedisClient.ConnectAsync(host.Port);
        var bulk = $"${channel.Length}\r\n{channel}\r\n";
        await subscriber.ExchangeAsync($"*2\r\n$9\r\nSUBSCRIBE\r\n{bulk}");

        var reply = await publisher.ExchangeAsync($"*3\r\n$7\r\nPUBLISH\r\n{bulk}$1\r\nx\r\n");
        var message = await subscriber.TakeThroughAsync("$1\r\nx\r\n");

        Assert.StartsWith(":1\r\n", reply, StringComparison.Ordinal);
        Assert.Equal($"*3\r\n$7\r\nmessage\r\n{bulk}$1\r\nx\r\n", message);
        Assert.Empty(host.Gateway.Publications);
    }

    [Fact]
    public async Task Pubsub_counts_the_gateway_as_one_subscriber()
    {
        await using var host = await EmbeddedRedisHost.StartAsync();
        using var client = await RawRedisClient.ConnectAsync(host.Port);
        await host.SubscribeAsync("both");
        await host.SubscribeAsync("gateway/ü");
        await client.ExchangeAsync("HELLO 3\r\nSUBSCRIBE both\r\n");

        var channels = await client.ExchangeAsync("PUBSUB CHANNELS b*\r\nPUBSUB CHANNELS g*\r\n");
        var counts = await client.ExchangeAsync("PUBSUB NUMSUB both nobody __x\r\n");

        Assert.StartsWith("*1\r\n$4\r\nboth\r\n*1\r\n$10\r\ngateway/\u00c3\u00bc\r\n", channels, StringComparison.Ordinal);
        Assert.StartsWith("*6\r\n$4\r\nboth\r\n:2\r\n$6\r\nnobody\r\n:0\r\n$3\r\n__x\r\n:0\r\n", counts, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_clients_reach_each_other_before_a_gateway_has_started()
    {
        await using var host = await EmbeddedRedisHost.StartAsync(withGateway: false);
        await using var subscriber = await RedisCli.SubscribeAsync(host.Port, "news");

        var receivers = await RedisCli.RunAsync(host.Port, "PUBLISH", "news", "hello");

        Assert.Equal("1", receivers);
        Assert.Equal(["message", "news", "hello"], await subscriber.ReadLinesAsync(3));
    }

    [Fact]
    public async Task A_large_payload_arrives_byte_for_byte()
    {
        await using var host = await EmbeddedRedisHost.StartAsync();
        await host.SubscribeAsync("a");
        using var client = await RawRedisClient.ConnectAsync(host.Port);
        var payload = string.Create(5_000_000, 0, (span, _) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = (char)(byte)(i * 31);
            }
        });
        await client.ExchangeAsync("HELLO 3\r\nSUBSCRIBE a\r\n");

        var received = await client.ExchangeAsync($"*3\r\n$7\r\nPUBLISH\r\n$1\r\na\r\n$5000000\r\n{payload}\r\n");

        Assert.StartsWith($">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$5000000\r\n{payload}\r\n:2\r\n", received, StringComparison.Ordinal);
        Assert.Equal([$"a {payload}"], host.Gateway.Publications);
    }
}
