using System.Globalization;
using System.Net;
using System.Text.Json;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Api;

/// <summary>GET /api/channels and /api/connections, and what describes and guards the HTTP side.</summary>
public sealed class ListingTests
{
    [Fact]
    public async Task Channels_are_listed_by_name_with_their_subscribers()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:SubscriptionLinger", "00:00:00"));
        await using var one = await BusClient.ConnectAsync(gateway.Bus, "orders/1", "orders/2", "rooms/7", "Orders/9");
        await using var two = await BusClient.ConnectAsync(gateway.Bus, "orders/2");

        Assert.Equal(
            """[{"name":"Orders/9","subscribers":1},{"name":"orders/1","subscribers":1},{"name":"orders/2","subscribers":2},{"name":"rooms/7","subscribers":1}]""",
            (await gateway.GetJsonAsync("/api/channels")).GetRawText());
        Assert.Equal(
            """[{"name":"orders/1","subscribers":1},{"name":"orders/2","subscribers":2}]""",
            (await gateway.GetJsonAsync("/api/channels?prefix=orders/")).GetRawText());
        Assert.Equal("[]", (await gateway.GetJsonAsync("/api/channels?prefix=*")).GetRawText());

        await one.CloseAsync();
        await Eventually.TrueAsync(
            async () => (await gateway.GetJsonAsync("/api/channels")).GetRawText() is """[{"name":"orders/2","subscribers":1}]""", "what the first left is gone");
    }

    [Fact]
    public async Task Connections_are_listed_with_all_that_is_known_of_them()
    {
        await using var gateway = GatewayApp.Start();
        var before = DateTimeOffset.UtcNow;
        await using var client = await BusClient.OpenAsync(gateway.Bus);
        var connected = await client.ConnectAsync("b", "a");

        var listed = Assert.Single((await gateway.GetJsonAsync("/api/connections")).EnumerateArray());

        Assert.Equal(["channels", "id", "queuedBytes", "remoteAddress", "since", "user"], listed.EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
        Assert.Equal(connected.GetProperty("connection").GetString(), listed.GetProperty("id").GetString());
        Assert.Equal(JsonValueKind.Null, listed.GetProperty("user").ValueKind);
        Assert.StartsWith("127.0.0.1:", listed.GetProperty("remoteAddress").GetString(), StringComparison.Ordinal);
        Assert.InRange(listed.GetProperty("since").GetDateTimeOffset(), before.AddSeconds(-1), DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.Equal(["a", "b"], listed.GetProperty("channels").EnumerateArray().Select(channel => channel.GetString()).Order(StringComparer.Ordinal));
        Assert.Equal(0, listed.GetProperty("queuedBytes").GetInt64());
    }

    [Fact]
    public async Task Bytes_that_wait_for_a_client_that_does_not_read_are_listed()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:MaxBacklogBytes", "104857600"));
        await using var slow = await BusClient.OpenAsync(gateway.Bus, paused: true);
        await slow.SendAsync(new { type = "connect", subscriptions = new[] { new { channel = "waiting" } } });
        await Eventually.TrueAsync(async () => (await gateway.GetJsonAsync("/api/channels")).GetArrayLength() is 1, "the slow client is subscribed");
        using var backend = new RespConnection(gateway.EmbeddedPort);

        await backend.PublishAsync(Enumerable.Repeat(("waiting", Enumerable.Repeat((byte)'x', 32 * 1024).ToArray()), 500));

        await Eventually.TrueAsync(
            async () => (await gateway.GetJsonAsync("/api/connections"))[0].GetProperty("queuedBytes").GetInt64() > 0, "queuedBytes shows what waits");
    }

    [Fact]
    public async Task OpenAPI_names_the_paths_and_what_they_answer()
    {
        await using var gateway = GatewayApp.Start();

        var document = await gateway.GetJsonAsync("/openapi/v1.json");

        Assert.StartsWith("3.", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var operations = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation =>
                $"{operation.Name.ToUpper(CultureInfo.InvariantCulture)} {path.Name} {string.Join(' ', operation.Value.GetProperty("responses").EnumerateObject().Select(response => response.Name).Order())}"));
        Assert.Equal(
            [
                "DELETE /api/connections/{id} 200 202 401 403 503", "DELETE /api/users/{user}/connections 202 401 403 503",
                "GET /api/channels 200 401 403", "GET /api/connections 200 401 403", "POST /api/publish 204 400 401 403 413 429 503",
            ],
            operations.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Health_tells_live_from_ready()
    {
        await using var gateway = GatewayApp.Start();
        await using var without = GatewayApp.Start(("ConnectionStrings:Redis", $"127.0.0.1:{FreePort.Next()}"));

        Assert.Equal(HttpStatusCode.OK, await gateway.StatusOfAsync("/health/live"));
        Assert.Equal(HttpStatusCode.OK, await gateway.StatusOfAsync("/health/ready"));
        Assert.Equal(HttpStatusCode.OK, await without.StatusOfAsync("/health/live"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await without.StatusOfAsync("/health/ready"));
    }

    [Theory]
    [InlineData("GET", "/nowhere", HttpStatusCode.NotFound)]
    [InlineData("GET", "/bus/nothing.js", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/nothing", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/publish", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "/api/channels", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/api/connections", HttpStatusCode.MethodNotAllowed)]
    public async Task What_is_not_there_is_a_problem_too(string method, string path, HttpStatusCode status)
    {
        await using var gateway = GatewayApp.Start();
        using var http = gateway.CreateHttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await http.SendAsync(request);

        Assert.Equal(status, response.StatusCode);
        await Problem.OfAsync(response);
        Assert.False(response.Headers.Contains("Server"));
    }
}
