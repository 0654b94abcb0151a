using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.EmbeddedRedis;

/// <summary>redis-cli, as an operator types it.</summary>
[Trait("Sockets", "Either")]
public sealed class RedisCliTests
{
    [Fact]
    public async Task A_publish_from_redis_cli_reaches_a_subscriber()
    {
        await using var host = await EmbeddedRedisHost.StartAsync();
        await using var subscriber = await RedisCli.SubscribeAsync(host.Port, "news");

        var receivers = await RedisCli.RunAsync(host.Port, "PUBLISH", "news", "hello");

        Assert.Equal("1", receivers);
        Assert.Equal(["message", "news", "hello"], await subscriber.ReadLinesAsync(3));
    }

    [Fact]
    public async Task A_publish_from_redis_cli_reaches_the_gateway_and_counts_it_once()
    {
        await using var host = await EmbeddedRedisHost.StartAsync();
        await using var subscriber = await RedisCli.SubscribeAsync(host.Port, "orders/42");
        await host.SubscribeAsync("orders/42");

        var receivers = await RedisCli.RunWithInputAsync(host.Port, [0, 0xff, (byte)'\r', (byte)'\n'], "PUBLISH", "orders/42");

        Assert.Equal("2", receivers);
        Assert.Equal(["orders/42 \0\xff\r\n"], host.Gateway.Publications);
    }

    [Fact]
    public async Task A_publish_of_a_browser_reaches_redis_cli()
    {
        await using var host = await EmbeddedRedisHost.StartAsync();
        await using var subscriber = await RedisCli.SubscribeAsync(host.Port, "orders/42");

        await host.PublishAsync("orders/42", "shipped");

        Assert.Equal(["message", "orders/42", "shipped"], await subscriber.ReadLinesAsync(3));
    }

    [Fact]
    public async Task Redis_cli_speaks_resp3()
    {
        await using var host = await EmbeddedRedisHost.StartAsync();

        var greeting = await RedisCli.RunAsync(host.Port, "-3", "HELLO");
        var info = await RedisCli.RunAsync(host.Port, "-3", "INFO", "server");

        Assert.Contains("proto 3", greeting, StringComparison.Ordinal);
        Assert.Contains("redis_version:7.", info, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_cli_runs_commands_from_standard_input_in_order()
    {
        await using var host = await EmbeddedRedisHost.StartAsync();

        var replies = await InstalledTool.RunAsync(
            "redis-cli", "apt-get install redis-server", ["-h", "127.0.0.1", "-p", $"{host.Port}"], input: "PING\nECHO \"a b\"\nGET x\n"u8.ToArray());

        Assert.Equal(["PONG", "a b", "ERR unknown command 'GET', with args beginning with: 'x' "], replies.Split('\n')[..3]);
    }

    [Fact]
    public async Task Redis_cli_pipes_a_mass_of_inline_commands()
    {
        await using var host = await EmbeddedRedisHost.StartAsync();
        await host.SubscribeAsync("n");
        var commands = string.Concat(Enumerable.Range(0, 1000).Select(i => $"PUBLISH n {i}\r\n"));

        var result = await InstalledTool.RunAsync(
            "redis-cli", "apt-get install redis-server", ["-h", "127.0.0.1", "-p", $"{host.Port}", "--pipe"], input: System.Text.Encoding.ASCII.GetBytes(commands));

        Assert.Contains("errors: 0, replies: 1000", result, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"n {i}"), host.Gateway.Publications);
    }
}
