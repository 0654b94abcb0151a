using System.Net;
using System.Net.Sockets;
using MessageBus.Brokers;
using MessageBus.IntegrationTests.Brokers;
using MessageBus.IntegrationTests.Support;
using MessageBus.Protocol;

namespace MessageBus.IntegrationTests.Redis;

/// <summary>R7: why Redis cannot be used is told in its own words, and what it refuses is told apart from what is lost.</summary>
[Trait("Sockets", "Either")]
public sealed class RefusalTests
{
    private static readonly ChannelName Channel = ChannelName.Parse("refused/one");

    [Theory]
    [InlineData("--requirepass right", ",password=wrong", "WRONGPASS")]
    [InlineData("--requirepass right", "", "NOAUTH")]
    [InlineData("--maxclients 1", "", "max number of clients")]
    [InlineData("", ",ssl=true", "TLS")]
    public async Task The_reason_is_known(string directives, string options, string reason)
    {
        await using var redis = await RedisServerProcess.StartAsync(directives.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        using var occupied = await ConnectAsync(redis.Port);
        using var broker = NewRedisBroker.For($"{redis.Endpoint}{options}");

        await broker.StartAsync(new AwaitedSink(), default);

        await Eventually.TrueAsync(() => broker.Problem?.Contains(reason, StringComparison.Ordinal) is true, () => $"'{reason}' is told, not '{broker.Problem}'", TimeSpan.FromSeconds(20));
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task Nobody_there_a_web_server_and_one_that_hangs_are_told_apart()
    {
        await IsToldAsync(FreeEndpoint(), "Connection refused");

        using var web = new TcpListener(IPAddress.Loopback, 0);
        web.Start();
        var answering = AnswerAsync(web);
        await IsToldAsync(web.LocalEndpoint.ToString()!, "it answers 'HTTP/1.1 400 Bad Request'");
        web.Stop();
        await answering;

        await using var redis = await RedisServerProcess.StartAsync();
        redis.Freeze();
        await IsToldAsync(redis.Endpoint, "it accepts the connection but does not answer");
        redis.Thaw();
    }

    [Fact]
    public async Task A_user_that_may_only_publish_and_subscribe_is_enough()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await RedisCli.RunAsync(redis.Port, "ACL", "SETUSER", "gateway", "on", ">p,ss", "resetchannels", "&*", "+publish", "+subscribe", "+unsubscribe", "+ping", "+echo");
        using var broker = NewRedisBroker.For(redis.Endpoint, user: "gateway", password: "p,ss");
        var sink = new AwaitedSink();

        await broker.StartAsync(sink, default);
        await Eventually.TrueAsync(() => broker.State is BrokerState.Up, () => $"the broker is up: {broker.Problem}");
        await broker.SubscribeAsync(Channel, default);
        Assert.Equal(BrokerResult.Accepted, await broker.PublishAsync(Channel, "heard"u8.ToArray(), default));

        Assert.Equal("heard", await sink.NextTextAsync());
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task A_channel_that_the_ACL_forbids_costs_no_other_and_no_link()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await RedisCli.RunAsync(redis.Port, "ACL", "SETUSER", "gateway", "on", ">p", "resetchannels", "&refused/*", "&mb:*", "+@all");
        using var broker = NewRedisBroker.For($"redis://gateway:p@{redis.Endpoint}");
        var sink = new AwaitedSink();
        await broker.StartAsync(sink, default);

        Assert.NotEqual(BrokerResult.Accepted, await broker.SubscribeAsync(ChannelName.Parse("elsewhere"), default));
        Assert.NotEqual(BrokerResult.Accepted, await broker.PublishAsync(ChannelName.Parse("elsewhere"), "x"u8.ToArray(), default));
        Assert.Equal(BrokerResult.Accepted, await broker.SubscribeAsync(Channel, default));
        Assert.Equal(BrokerResult.Accepted, await broker.PublishAsync(Channel, "heard"u8.ToArray(), default));

        Assert.Equal("heard", await sink.NextTextAsync());
        Assert.Equal(0, sink.Lost);
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task A_unix_socket_and_a_prefix_for_channels_work()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.sock");
        await using var redis = await RedisServerProcess.StartAsync("--unixsocket", path);
        using var broker = NewRedisBroker.For($"unix:{path},channelPrefix=app1:");
        var sink = new AwaitedSink();
        await broker.StartAsync(sink, default);
        await broker.SubscribeAsync(Channel, default);

        Assert.Equal("1", await RedisCli.RunAsync(redis.Port, "PUBLISH", $"app1:{Channel}", "of this application"));
        Assert.Equal("0", await RedisCli.RunAsync(redis.Port, "PUBLISH", Channel.Value, "of another"));

        Assert.Equal("of this application", await sink.NextTextAsync());
        await broker.StopAsync(default);
    }

    private static async Task IsToldAsync(string endpoint, string reason)
    {
        using var broker = NewRedisBroker.For(endpoint);
        await broker.StartAsync(new AwaitedSink(), default);
        await Eventually.TrueAsync(() => broker.Problem?.Contains(reason, StringComparison.Ordinal) is true, () => $"'{reason}' is told, not '{broker.Problem}'");
        await broker.StopAsync(default);
    }

    private static async Task<TcpClient> ConnectAsync(int port)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        return client;
    }

    private static string FreeEndpoint()
    {
        using var port = new HeldPort();
        return port.Endpoint;
    }

    private static async Task AnswerAsync(TcpListener web)
    {
        try
        {
            while (true)
            {
                using var client = await web.AcceptTcpClientAsync();
                await client.GetStream().ReadAtLeastAsync(new byte[16], 1, throwOnEndOfStream: false);
                await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"u8.ToArray());
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException or IOException)
        {
            // The test is over.
        }
    }
}
