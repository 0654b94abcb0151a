using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Start;

/// <summary>The program as it is started by hand or by a service manager.</summary>
public sealed partial class StartTests
{
    private const string Development = "DOTNET_ENVIRONMENT=Development";

    [Fact]
    public async Task The_first_run_prints_the_page_and_a_redis_cli_line_that_works_also_where_the_port_is_taken()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var gateway = await GatewayProcess.StartAsync(Development, "--urls=http://127.0.0.1:0", $"MessageBus__EmbeddedPort={port}");

        var hint = TryLine().Match(await gateway.ReadLineWithAsync("redis-cli"));
        Assert.True(hint.Success);
        var embedded = int.Parse(hint.Groups["port"].Value, System.Globalization.CultureInfo.InvariantCulture);
        await using var client = await BusClient.ConnectAsync(Bus(gateway), "demo/hello");
        await RedisCli.RunAsync(embedded, "PUBLISH", "demo/hello", "Hello from Redis");

        Assert.Equal(gateway.Addresses[0].ToString(), hint.Groups["page"].Value);
        Assert.InRange(embedded, port + 1, port + 100);
        Assert.Equal("Hello from Redis", await client.ExpectTextAsync("demo/hello"));
    }

    [Theory]
    [InlineData("--urls=http://127.0.0.1:0", "http://127.0.0.1:")]
    [InlineData("ASPNETCORE_URLS=http://127.0.0.1:0", "http://127.0.0.1:")]
    public async Task Given_addresses_take_the_place_of_the_default_ones(string setting, string address)
    {
        await using var gateway = await GatewayProcess.StartAsync(Development, $"MessageBus__EmbeddedPort={FreePort.Next()}", setting);

        Assert.StartsWith(address, Assert.Single(gateway.Addresses).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Lines, line => line.Contains(address, StringComparison.Ordinal) && line.Contains(" WRN ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_command_line_beats_the_environment()
    {
        await using var gateway = await GatewayProcess.StartAsync(
            Development, $"MessageBus__EmbeddedPort={FreePort.Next()}", "--urls=http://127.0.0.1:0", "MessageBus__Limits__PingInterval=00:00:07", "--MessageBus:Limits:PingInterval=00:00:09");
        await using var client = await BusClient.OpenAsync(Bus(gateway));

        Assert.Equal(9, (await client.ConnectAsync()).GetProperty("pingInterval").GetInt32());
    }

    [Fact]
    public async Task Production_logs_an_object_a_line_and_ends_with_0_on_SIGTERM()
    {
        await using var gateway = await GatewayProcess.StartAsync("--urls=http://127.0.0.1:0", "MessageBus__AllowEmbedded=true", "MessageBus__AllowAnonymous=true", $"MessageBus__EmbeddedPort={FreePort.Next()}");
        await using var client = await BusClient.ConnectAsync(Bus(gateway), "a");

        var exitCode = await gateway.TerminateAsync();

        Assert.Equal(0, exitCode);
        Assert.Equal(4503, await client.ExpectCloseAsync());
        Assert.NotEmpty(gateway.Lines);
        Assert.All(gateway.Lines, line => Assert.Equal(JsonValueKind.Object, JsonSerializer.Deserialize<JsonElement>(line).ValueKind));
    }

    [Fact]
    public async Task Development_logs_lines_to_read()
    {
        await using var gateway = await GatewayProcess.StartAsync(Development, "--urls=http://127.0.0.1:0", $"MessageBus__EmbeddedPort={FreePort.Next()}");

        Assert.All(gateway.Lines, line => Assert.Matches("^[0-9:]{8} [A-Z]{3} ", line));
    }

    private static Uri Bus(GatewayProcess gateway) => new UriBuilder(gateway.Addresses[0]) { Scheme = "ws", Path = "/bus" }.Uri;

    [GeneratedRegex("Open (?<page>http://\\S+/) and then run: redis-cli -p (?<port>[0-9]+) PUBLISH demo/hello \"Hello from Redis\"")]
    private static partial Regex TryLine();
}
