using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using MessageBus.Brokers;
using MessageBus.EmbeddedRedis;
using MessageBus.IntegrationTests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MessageBus.IntegrationTests.EmbeddedRedis;

[Trait("Sockets", "Either")]
public sealed class EmbeddedRedisServerTests
{
    [Fact]
    public async Task It_listens_on_loopback_only()
    {
        await using var host = await EmbeddedRedisHost.StartAsync();

        var listeners = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(listener => listener.Port == host.Port);

        Assert.Equal([IPAddress.Loopback], listeners.Select(listener => listener.Address));
    }

    [Fact]
    public async Task A_taken_port_makes_it_use_the_next_free_one()
    {
        await using var first = await EmbeddedRedisHost.StartAsync();

        await using var second = await EmbeddedRedisHost.StartAsync(options => options.Port = first.Port);

        Assert.InRange(second.Port, first.Port + 1, first.Port + 100);
        Assert.Equal("PONG", await RedisCli.RunAsync(second.Port, "PING"));
    }

    [Fact]
    public async Task A_stop_closes_every_client_and_the_port()
    {
        await using var host = await EmbeddedRedisHost.StartAsync();
        using var idle = await RawRedisClient.ConnectAsync(host.Port);
        using var subscriber = await RawRedisClient.ConnectAsync(host.Port);
        await subscriber.ExchangeAsync("SUBSCRIBE a\r\n");

        await Eventually.DoneAsync(host.StopAsync(), "the server stops");

        Assert.Equal("", await idle.TakeToEndAsync());
        Assert.Equal("", await subscriber.TakeToEndAsync());
        await Assert.ThrowsAsync<SocketException>(() => RawRedisClient.ConnectAsync(host.Port));
    }

    [Fact]
    public async Task A_client_that_leaves_is_forgotten()
    {
        await using var host = await EmbeddedRedisHost.StartAsync();
        using var observer = await RawRedisClient.ConnectAsync(host.Port);
        var subscriber = await RawRedisClient.ConnectAsync(host.Port);
        await subscriber.ExchangeAsync("SUBSCRIBE a\r\nPSUBSCRIBE b*\r\n");

        subscriber.Dispose();

        await Eventually.TrueAsync(
            async () => (await observer.ExchangeAsync("PUBSUB NUMSUB a\r\nPUBSUB NUMPAT\r\n")).StartsWith("*2\r\n$1\r\na\r\n:0\r\n:0\r\n", StringComparison.Ordinal),
            "no subscription is left");
        await Eventually.TrueAsync(
            async () => (await observer.ExchangeAsync("INFO clients\r\n")).Contains("connected_clients:1\r\n", StringComparison.Ordinal),
            "the client itself is forgotten");
    }

    [Fact]
    public async Task A_subscriber_that_does_not_read_is_closed_without_delaying_the_others()
    {
        await using var host = await EmbeddedRedisHost.StartAsync(options => options.MaxOutputBytes = 1024 * 1024);
        using var slow = await RawRedisClient.ConnectAsync(host.Port);
        using var healthy = await RawRedisClient.ConnectAsync(host.Port);
        using var publisher = await RawRedisClient.ConnectAsync(host.Port);
        await slow.ExchangeAsync("SUBSCRIBE a\r\n");
        await healthy.ExchangeAsync("SUBSCRIBE a\r\n");
        var payload = new string('x', 512 * 1024);

        var published = 0;
        var received = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                var reply = await publisher.ExchangeAsync($"*3\r\n$7\r\nPUBLISH\r\n$1\r\na\r\n${payload.Length}\r\n{payload}\r\n");
                published++;
                await healthy.TakeThroughAsync(payload + "\r\n");
                received++;
                return reply.StartsWith(":1\r\n", StringComparison.Ordinal);
            },
            "the slow subscriber is closed");

        Assert.Equal(published, received);
        Assert.True((await slow.TakeToEndAsync()).Length < published * payload.Length);
    }

    [Fact]
    public async Task Clients_cut_in_the_middle_of_subscribing_leave_nothing_behind()
    {
        await using var host = await EmbeddedRedisHost.StartAsync();
        using var observer = await RawRedisClient.ConnectAsync(host.Port);

        for (var i = 0; i < 50; i++)
        {
            using var client = await RawRedisClient.ConnectAsync(host.Port);
            await client.SendAsync(string.Concat(Enumerable.Range(0, 200).Select(n => $"SUBSCRIBE {n}\r\n")));
        }

        await Eventually.TrueAsync(
            async () => (await observer.ExchangeAsync("PUBSUB CHANNELS\r\nINFO clients\r\n")) is var reply
                && reply.StartsWith("*0\r\n", StringComparison.Ordinal) && reply.Contains("connected_clients:1\r\n", StringComparison.Ordinal),
            "every client is forgotten");
    }

    [Fact]
    public async Task A_client_that_does_not_read_its_replies_gets_all_of_them_later()
    {
        await using var host = await EmbeddedRedisHost.StartAsync(options => options.MaxOutputBytes = 64 * 1024);
        using var client = await RawRedisClient.ConnectAsync(host.Port);
        var echo = $"*2\r\n$4\r\nECHO\r\n$50000\r\n{new string('x', 50_000)}\r\n";

        var sending = client.SendAsync(string.Concat(Enumerable.Repeat(echo, 400)) + "PING last\r\n");
        var replies = await client.TakeThroughAsync("$4\r\nlast\r\n");
        await sending;

        Assert.Equal((400 * "$50000\r\n\r\n".Length) + (400 * 50_000) + "$4\r\nlast\r\n".Length, replies.Length);
    }

    [Fact]
    public async Task A_command_may_arrive_in_single_bytes()
    {
        await using var host = await EmbeddedRedisHost.StartAsync();
        using var client = await RawRedisClient.ConnectAsync(host.Port);

        foreach (var one in "*2\r\n$4\r\nECHO\r\n$2\r\n\r\n\r\nPING\r\n")
        {
            await client.SendAsync($"{one}");
        }

        Assert.Equal("$2\r\n\r\n\r\n+PONG\r\n", await client.TakeThroughAsync("PONG\r\n"));
    }

    [Fact]
    public async Task A_command_beyond_the_limit_ends_the_client()
    {
        await using var host = await EmbeddedRedisHost.StartAsync(options => options.MaxCommandBytes = 100_000);
        using var oneLong = await RawRedisClient.ConnectAsync(host.Port);
        using var manyShort = await RawRedisClient.ConnectAsync(host.Port);

        await oneLong.SendAsync("*2\r\n$4\r\nECHO\r\n$100000\r\n");
        await manyShort.SendAsync("*5000\r\n" + string.Concat(Enumerable.Repeat("$0\r\n\r\n", 4000)));

        Assert.Equal("-ERR Protocol error: invalid bulk length\r\n", await oneLong.TakeToEndAsync());
        Assert.Equal("-ERR Protocol error: invalid bulk length\r\n", await manyShort.TakeToEndAsync());
    }

    [Fact]
    public async Task The_host_starts_and_stops_it_over_the_registered_broker()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton(new InMemoryBroker(TimeProvider.System));
        builder.Services.AddEmbeddedRedis(options => options.Port = 0).AddEmbeddedRedis();
        using var host = builder.Build();
        var gateway = new RecordingSink();
        await host.Services.GetRequiredService<InMemoryBroker>().StartAsync(gateway, CancellationToken.None);
        await host.Services.GetRequiredService<InMemoryBroker>().SubscribeAsync(Protocol.ChannelName.Parse("a"), CancellationToken.None);

        await host.StartAsync();
        var receivers = await RedisCli.RunAsync(host.Services.GetRequiredService<EmbeddedRedisServer>().Port, "PUBLISH", "a", "x");
        await host.StopAsync();

        Assert.Equal("1", receivers);
        Assert.Equal(["a x"], gateway.Publications);
        Assert.Single(host.Services.GetServices<IHostedService>().OfType<EmbeddedRedisServer>());
    }

    [Fact]
    public async Task A_host_may_stop_it_after_it_has_disposed_it()
    {
        await using var host = await EmbeddedRedisHost.StartAsync();
        using var client = await RawRedisClient.ConnectAsync(host.Port);
        await client.ExchangeAsync("");

        host.DisposeServer();
        await Eventually.DoneAsync(host.StopAsync(), "the disposed server stops");
        await Eventually.DoneAsync(host.StopAsync(), "the stopped server stops");

        Assert.Equal("", await client.TakeToEndAsync());
    }

    [Fact]
    public async Task A_wrong_option_stops_the_start_and_is_named()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton(new InMemoryBroker(TimeProvider.System));
        builder.Services.AddEmbeddedRedis(options => options.Port = 70_000);
        using var host = builder.Build();

        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains("Port", refusal.Message, StringComparison.Ordinal);
    }
}
