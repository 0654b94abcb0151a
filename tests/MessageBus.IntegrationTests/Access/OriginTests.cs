using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Access;

/// <summary>Which pages may open a WebSocket. Raw sockets: no client library sends such headers.</summary>
public sealed class OriginTests : IAsyncLifetime
{
    private const string Cookie = "Cookie: test=42";

    private EmbeddingApp _app = null!;

    public async Task InitializeAsync() => _app = await EmbeddingApp.StartAsync(("MessageBus:AllowedOrigins:0", "https://app.example.com"));

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Theory]
    [InlineData("http://bus.example.com")]
    [InlineData("https://app.example.com")]
    public async Task A_page_of_the_own_host_or_of_an_allowed_origin_connects_with_its_cookie(string origin)
    {
        Assert.StartsWith("HTTP/1.1 101 ", await AnswerAsync(Cookie, $"Origin: {origin}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Origin: null")]
    [InlineData("Origin:")]
    [InlineData("Origin: http://evil.example")]
    [InlineData("Origin: http://bus.example.com.evil.example")]
    [InlineData("Origin: http://evil-bus.example.com")]
    [InlineData("Origin: http://bus.example.comevil.example")]
    [InlineData("Origin: http://bus.example.com@evil.example")]
    [InlineData("Origin: https://bus.example.com")]
    [InlineData("Origin: http://bus.example.com:8080")]
    [InlineData("Origin: http://BUS.EXAMPLE.COM")]
    [InlineData("Origin: HTTP://bus.example.com")]
    [InlineData("Origin: http://bus.example.com.")]
    [InlineData("Origin: http://bus.example.com/")]
    [InlineData("Origin: http://app.example.com")]
    [InlineData("Origin: https://app.example.com:8443")]
    [InlineData("Origin: https://APP.example.com")]
    [InlineData("Origin: https://app.example.com.")]
    [InlineData("Origin: https://app.example.com, http://evil.example")]
    [InlineData("Origin: http://bus.example.com", "Origin: http://evil.example")]
    [InlineData("Origin: http://evil.example", "Origin: http://bus.example.com")]
    [InlineData("Origin: http://bus.example.com", "Origin: http://bus.example.com")]
    public async Task Any_other_page_is_refused_before_the_upgrade_whatever_credentials_it_has(params string[] origin)
    {
        Assert.StartsWith("HTTP/1.1 403 ", await AnswerAsync([Cookie, .. origin]), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403 ", await AnswerAsync(["Authorization: Test 42", .. origin]), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403 ", await AnswerAsync(origin), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("101", "Authorization: Test 42")]
    [InlineData("101", Cookie, "Sec-WebSocket-Protocol: messagebus.v1.json, bearer.abc")]
    [InlineData("403", Cookie)]
    [InlineData("403", Cookie, "Sec-WebSocket-Protocol: messagebus.v1.json")]
    [InlineData("401")]
    public async Task Without_an_origin_only_a_token_opens_what_a_cookie_would(string status, params string[] headers)
    {
        Assert.StartsWith($"HTTP/1.1 {status} ", await AnswerAsync(headers), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_that_a_page_can_send_do_not_stand_in_for_the_origin()
    {
        Assert.StartsWith("HTTP/1.1 403 ", await AnswerAsync(Cookie, "Origin: http://evil.example", "X-Forwarded-Host: evil.example", "Referer: http://bus.example.com/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Allowed_origins_change_while_the_app_runs()
    {
        Assert.StartsWith("HTTP/1.1 403 ", await AnswerAsync(Cookie, "Origin: https://new.example"), StringComparison.Ordinal);

        _app.Reconfigure(("MessageBus:AllowedOrigins:0", "https://new.example"));

        await Eventually.TrueAsync(async () => (await AnswerAsync(Cookie, "Origin: https://new.example")).StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal), "the new origin is allowed");
        Assert.StartsWith("HTTP/1.1 403 ", await AnswerAsync(Cookie, "Origin: https://app.example.com"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_gateway_itself_keeps_foreign_pages_out_in_Development_too()
    {
        await using var gateway = GatewayApp.Start();
        var host = $"Host: {gateway.Http.Authority}";

        Assert.StartsWith("HTTP/1.1 403 ", await RawWebSocket.AnswerToAsync(gateway.Http, [host, "Origin: https://evil.example"]), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 101 ", await RawWebSocket.AnswerToAsync(gateway.Http, [host, $"Origin: {gateway.Http.GetLeftPart(UriPartial.Authority)}"]), StringComparison.Ordinal);
        await GoodClient.IsServedByAsync(gateway);
    }

    [Fact]
    public async Task Over_HTTP_2_it_is_the_same()
    {
        await using var gateway = GatewayApp.Start();
        Task<BusClient> OpenAsync(string origin) => BusClient.OpenAsync(gateway.SecureBus, [("Origin", origin)], System.Net.HttpVersion.Version20);

        var refused = await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => OpenAsync("https://evil.example"));
        await using var client = await OpenAsync(gateway.Https.GetLeftPart(UriPartial.Authority));

        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
        await client.ConnectAsync("a");
    }

    private Task<string> AnswerAsync(params string[] headers) => RawWebSocket.AnswerToAsync(_app.Http, ["Host: bus.example.com", .. headers]);
}
