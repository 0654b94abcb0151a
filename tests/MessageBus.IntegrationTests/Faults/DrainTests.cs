using System.Net;
using MessageBus.IntegrationTests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>A gateway that is stopped sends its connections away one after the other, and loses nothing that it has accepted.</summary>
public sealed class DrainTests
{
    private static readonly string[] Settings = ["DOTNET_ENVIRONMENT=Development", "--urls=http://127.0.0.1:0"];

    [Fact]
    public async Task A_gateway_that_drains_is_not_ready_takes_no_socket_and_still_serves_those_it_has()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:Drain:ConnectionsPerSecond", "1"), ("MessageBus:Drain:Timeout", "00:01:00"));
        var clients = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => BusClient.ConnectAsync(gateway.Bus, "still")));
        var readyBefore = await gateway.StatusOfAsync("/health/ready");

        var stopping = gateway.DisposeAsync().AsTask();
        var moving = await clients[0].ExpectAsync("moving");
        var ready = await gateway.StatusOfAsync("/health/ready");
        var live = await gateway.StatusOfAsync("/health/live");
        using var refused = await RequestSocketAsync(gateway);
        await Task.WhenAll(clients[1..].Select(client => client.ExpectAsync("moving")));
        await RedisCli.RunAsync(gateway.EmbeddedPort, "PUBLISH", "still", "served");
        await Eventually.TrueAsync(() => clients.Any(client => !client.IsQuiet), "those that are not closed yet are served");

        Assert.Equal(HttpStatusCode.OK, readyBefore);
        Assert.Equal(55_000, moving.GetProperty("within").GetInt32());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready);
        Assert.Equal(HttpStatusCode.OK, live);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);

        // Those that leave by themselves are not waited for.
        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
        await Eventually.DoneAsync(stopping, "the gateway stops once nobody is left");
    }

    [Fact]
    public async Task A_second_SIGTERM_ends_it_at_once()
    {
        await using var gateway = await GatewayProcess.StartAsync(
            [.. Settings, $"MessageBus__EmbeddedPort={FreePort.Next()}", "MessageBus__Drain__ConnectionsPerSecond=1", "MessageBus__Drain__Timeout=00:05:00"]);
        var clients = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => BusClient.ConnectAsync(gateway.Bus)));

        gateway.BeginToTerminate();
        await clients[0].ExpectAsync("moving");
        gateway.BeginToTerminate();

        // 128 + 15, as a shell says it.
        Assert.Equal(143, await gateway.WaitForExitAsync());
        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task A_publish_that_is_under_way_is_answered_before_the_close()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var client = await BusClient.ConnectAsync(gateway.Bus);
        redis.Freeze();
        await client.SendAsync(new { type = "publish", id = 7, channel = "last", payload = "words" });
        await client.SendAsync(new { type = "subscribe", id = 8, channel = "not a channel" });
        Assert.Equal("bad_channel", await client.ExpectErrorAsync());

        var stopping = gateway.DisposeAsync().AsTask();
        await client.ExpectAsync("moving");
        redis.Thaw();

        Assert.Equal(7, (await client.ExpectAsync("published")).GetProperty("id").GetInt32());
        Assert.Equal(4503, await client.ExpectCloseAsync());
        await stopping;
    }

    [Fact]
    public async Task A_host_that_embeds_the_bus_drains_it_when_it_is_stopped()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMessageBus(options => (options.AllowAnonymous, options.Drain.Timeout) = (true, TimeSpan.FromMinutes(2)));
        await using var app = builder.Build();
        app.UseWebSockets();
        app.MapMessageBus("/socket");
        await app.StartAsync();
        var address = app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        await using var client = await BusClient.ConnectAsync(new UriBuilder(address) { Scheme = "ws", Path = "/socket" }.Uri, "embedded");

        await app.StopAsync();

        Assert.Equal(2, (await client.ExpectAsync("moving")).GetProperty("within").GetInt32());
        Assert.Equal(4503, await client.ExpectCloseAsync());
        Assert.Equal(TimeSpan.FromSeconds(130), app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
    }

    private static async Task<HttpResponseMessage> RequestSocketAsync(GatewayApp gateway)
    {
        using var http = gateway.CreateHttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/bus");
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", "websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        return await http.SendAsync(request);
    }
}
