namespace MessageBus.IntegrationTests.Support;

public sealed class SupportTests
{
    [Fact]
    public async Task A_redis_server_comes_back_on_its_port_after_a_kill_and_after_a_stop()
    {
        await using var server = await RedisServerProcess.StartAsync();
        var port = server.Port;

        await server.KillAsync();
        var ranAfterKill = server.IsRunning;
        await server.RestartAsync();
        await server.StopAsync();
        var ranAfterStop = server.IsRunning;
        await server.RestartAsync();

        Assert.False(ranAfterKill);
        Assert.False(ranAfterStop);
        Assert.Equal(port, server.Port);
        Assert.Equal("PONG", await RedisCli.RunAsync(port, "PING"));
    }

    [Fact]
    public async Task A_redis_cli_subscriber_reads_what_another_publishes()
    {
        await using var server = await RedisServerProcess.StartAsync();
        await using var subscriber = await RedisCli.SubscribeAsync(server.Port, "news");

        var receivers = await RedisCli.RunAsync(server.Port, "PUBLISH", "news", "hello");
        var message = await subscriber.ReadLinesAsync(3);

        Assert.Equal("1", receivers);
        Assert.Equal(["message", "news", "hello"], message);
    }
}
