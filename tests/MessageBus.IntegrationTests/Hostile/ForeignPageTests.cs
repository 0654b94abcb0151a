using System.Net;
using MessageBus.IntegrationTests.Api;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Hostile;

/// <summary>
/// Pages of other sites in the browser of somebody who runs a gateway on his own machine, or is logged in. (Pages that open a WebSocket: OriginTests.)
/// </summary>
public sealed class ForeignPageTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private readonly GatewayApp _gateway = shared.App;

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    [InlineData("")]
    public async Task Cannot_publish_with_a_POST_that_needs_no_permission_of_the_gateway(string origin)
    {
        await using var listener = await BusClient.ConnectAsync(_gateway.Bus, "foreign/page");
        using var http = _gateway.CreateHttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/publish?channel=foreign/page") { Content = new StringContent("from a foreign page") };
        request.Headers.TryAddWithoutValidation("Origin", origin);

        using var refused = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("forbidden", (await Problem.OfAsync(refused)).GetProperty("code").GetString());
        await listener.SendAsync(new { type = "publish", channel = "foreign/page", payload = "the only one" });
        Assert.Equal("the only one", await listener.ExpectTextAsync("foreign/page"));
    }

    [Fact]
    public async Task A_page_of_the_gateways_own_origin_publishes()
    {
        using var http = _gateway.CreateHttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/publish?channel=own/page") { Content = new StringContent("x") };
        request.Headers.Add("Origin", _gateway.Http.GetLeftPart(UriPartial.Authority));

        using var accepted = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.NoContent, accepted.StatusCode);
    }

    [Theory]
    [InlineData("evil.example", "400")]
    [InlineData("localhost.evil.example", "400")]
    [InlineData("127.0.0.1.evil.example", "400")]
    [InlineData("192.0.2.1", "400")]
    [InlineData("localhost", "101")]
    [InlineData("app.localhost", "101")]
    [InlineData("127.0.0.1", "101")]
    [InlineData("[::1]", "101")]
    public async Task A_name_of_another_site_that_points_at_this_machine_is_not_served(string host, string status)
    {
        var authority = $"{host}:{_gateway.Http.Port}";

        var upgrade = await RawWebSocket.AnswerToAsync(_gateway.Http, [$"Host: {authority}", $"Origin: http://{authority}"]);
        var listing = await RawHttp.HeadOfAnswerAsync(_gateway.Http, $"GET /api/connections HTTP/1.1\r\nHost: {authority}\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status} ", upgrade, StringComparison.Ordinal);
        Assert.StartsWith(status is "101" ? "HTTP/1.1 200 " : "HTTP/1.1 400 ", listing, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AllowedHosts", "bus.example.com")]
    [InlineData("urls", "http://0.0.0.0:0")]
    public async Task An_operator_who_names_hosts_or_listens_for_others_is_served_as_he_says(string key, string value)
    {
        await using var gateway = GatewayApp.Start((key, value));

        var head = await RawHttp.HeadOfAnswerAsync(new UriBuilder(gateway.Http) { Host = "127.0.0.1" }.Uri, "GET /health/live HTTP/1.1\r\nHost: bus.example.com\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", head, StringComparison.Ordinal);
    }
}
