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
        await using var gateway = GatewayApp.Start(("MessageBus:Delivery:SubscriptionLinger", "00:00:00"));
        await using var one = await BusClient.ConnectAsync(gateway.Bus, "orders/1", "orders/2", "rooms/7", "Orders/9");
        await using var two = await BusClient.ConnectAsync(gateway.Bus, "orders/2");

        Assert.Equal(["Orders/9 1", "orders/1 1", "orders/2 2", "rooms/7 1"], await ChannelsAsync(gateway, ""));
        Assert.Equal(["orders/1 1", "orders/2 2"], await ChannelsAsync(gateway, "?prefix=orders/"));
        Assert.Empty(await ChannelsAsync(gateway, "?prefix=*"));

        await one.CloseAsync();
        await Eventually.TrueAsync(async () => await ChannelsAsync(gateway, "") is ["orders/2 1"], "what the first left is gone");
    }

    [Fact]
    public async Task Channels_are_listed_with_what_came_and_the_busiest_first_where_that_is_asked_for()
    {
        var time = new FakeTimeProvider();
        await using var gateway = GatewayApp.Start(time);
        await using var one = await BusClient.ConnectAsync(gateway.Bus, "a/quiet", "b/busy", "c/most");
        await using var two = await BusClient.ConnectAsync(gateway.Bus, "c/most");
        Assert.Equal(
            """[{"name":"a/quiet","subscribers":1,"publications":0,"rate":null}]""", (await gateway.GetJsonAsync("/api/channels?limit=1")).GetRawText());
        using var backend = new RespConnection(gateway.EmbeddedPort);
        await backend.PublishAsync([.. Enumerable.Repeat(("b/busy", "x"u8.ToArray()), 20), ("c/most", "x"u8.ToArray())]);
        for (var n = 0; n < 20; n++)
        {
            await one.ExpectTextAsync("b/busy");
        }

        await one.ExpectTextAsync("c/most");
        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(
            """[{"name":"b/busy","subscribers":1,"publications":20,"rate":10},{"name":"c/most","subscribers":2,"publications":1,"rate":0.5},{"name":"a/quiet","subscribers":1,"publications":0,"rate":0}]""",
            (await gateway.GetJsonAsync("/api/channels?order=rate")).GetRawText());
        Assert.Equal(["c/most 2", "a/quiet 1"], await ChannelsAsync(gateway, "?order=subscribers&limit=2"));
    }

    [Fact]
    public async Task Lists_are_limited_and_filtered_and_say_how_many_there_are()
    {
        await using var gateway = GatewayApp.Start();
        var clients = new List<BusClient>();
        for (var n = 0; n < 5; n++)
        {
            clients.Add(await BusClient.ConnectAsync(gateway.Bus, "all", $"only/{n}"));
        }

        Assert.Equal((2, "6"), await CountAsync(gateway, "/api/channels?limit=2"));
        Assert.Equal((1, "5"), await CountAsync(gateway, "/api/channels?prefix=only/&limit=1"));
        Assert.Equal((3, "5"), await CountAsync(gateway, "/api/connections?limit=3"));
        Assert.Equal((5, "5"), await CountAsync(gateway, "/api/connections?channel=all&order=newest"));
        Assert.Equal((1, "1"), await CountAsync(gateway, "/api/connections?channel=only/3"));
        Assert.Equal((0, "0"), await CountAsync(gateway, "/api/connections?channel=only/9"));
        Assert.Equal((0, "0"), await CountAsync(gateway, "/api/connections?user=nobody"));
        Assert.Equal((5, "5"), await CountAsync(gateway, "/api/connections?address=127.0.0.1:&order=queue"));
        Assert.Equal((0, "0"), await CountAsync(gateway, "/api/connections?address=10."));

        var oldest = await gateway.GetJsonAsync("/api/connections?limit=1");
        var newest = await gateway.GetJsonAsync("/api/connections?limit=1&order=newest");
        Assert.Contains("only/0", oldest.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("only/4", newest.GetRawText(), StringComparison.Ordinal);
        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
    }

    [Theory]
    [InlineData("/api/channels?limit=0", "'limit' is a number from 1 to 10000.")]
    [InlineData("/api/channels?limit=10001", "'limit' is a number from 1 to 10000.")]
    [InlineData("/api/connections?limit=ten", "'limit' is a number from 1 to 10000.")]
    [InlineData("/api/connections?limit=99999999999", "'limit' is a number from 1 to 10000.")]
    [InlineData("/api/connections?limit=-1", "'limit' is a number from 1 to 10000.")]
    [InlineData("/api/channels?order=busy", "'order' is one of: name, rate, subscribers.")]
    [InlineData("/api/connections?order=1", "'order' is one of: oldest, newest, queue.")]
    [InlineData("/api/connections?channel=a*", "patterns are not supported")]
    public async Task Question_that_makes_no_sense_is_answered_with_what_would(string path, string detail)
    {
        await using var gateway = GatewayApp.Start();
        using var http = gateway.CreateHttpClient();

        using var response = await http.GetAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(detail, (await Problem.OfAsync(response)).GetProperty("detail").GetString(), StringComparison.Ordinal);
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
        await using var gateway = GatewayApp.Start(("MessageBus:Limits:MaxBacklogBytes", "104857600"));
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
                "GET /api/channels 200 400 401 403", "GET /api/connections 200 400 401 403", "GET /api/gateways 200 401 403", "GET /api/key 200 401 403",
                "GET /api/tap 200 400 401 403 429 503", "POST /api/publish 204 400 401 403 413 429 503",
            ],
            operations.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Health_tells_live_from_ready()
    {
        await using var gateway = GatewayApp.Start();
        using var nobody = new HeldPort();
        await using var without = GatewayApp.Start(("ConnectionStrings:Redis", nobody.Endpoint));

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

    private static async Task<string[]> ChannelsAsync(GatewayApp gateway, string query) =>
        [.. (await gateway.GetJsonAsync("/api/channels" + query)).EnumerateArray().Select(channel => $"{channel.GetProperty("name").GetString()} {channel.GetProperty("subscribers")}")];

    private static async Task<(int Listed, string Total)> CountAsync(GatewayApp gateway, string path)
    {
        using var http = gateway.CreateHttpClient();
        using var response = await http.GetAsync(path);
        Assert.NotEmpty(Assert.Single(response.Headers.GetValues("X-Gateway-Id")));
        return (JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).GetArrayLength(), Assert.Single(response.Headers.GetValues("X-Total-Count")));
    }
}
