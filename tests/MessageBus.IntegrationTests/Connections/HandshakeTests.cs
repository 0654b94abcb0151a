using System.Net;
using MessageBus.IntegrationTests.Api;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Connections;

/// <summary>What is decided before the upgrade.</summary>
public sealed class HandshakeTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private readonly GatewayApp _gateway = shared.App;

    [Theory]
    [InlineData(null, null)]
    [InlineData("messagebus.v1.json", "messagebus.v1.json")]
    [InlineData("messagebus.v9.cbor, messagebus.v1.json", "messagebus.v1.json")]
    [InlineData("bearer.c2VjcmV0", null)]
    [InlineData("bearer.c2VjcmV0, messagebus.v1.json", "messagebus.v1.json")]
    [InlineData("messagebus.v1.json, bearer.c2VjcmV0", "messagebus.v1.json")]
    public async Task A_known_subprotocol_is_chosen_and_a_token_is_never_echoed(string? offered, string? chosen)
    {
        using var response = await UpgradeAsync(("Sec-WebSocket-Protocol", offered));

        Assert.Equal(HttpStatusCode.SwitchingProtocols, response.StatusCode);
        Assert.Equal(chosen, response.Headers.TryGetValues("Sec-WebSocket-Protocol", out var values) ? string.Join(',', values) : null);
        Assert.False(response.Headers.Contains("Sec-WebSocket-Extensions"), "No compression.");
        Assert.False(response.Headers.Contains("Server"));
    }

    [Theory]
    [InlineData("Sec-WebSocket-Protocol", "chat")]
    [InlineData("Sec-WebSocket-Protocol", "MESSAGEBUS.V1.JSON")]
    [InlineData("Sec-WebSocket-Protocol", "chat, bearer.c2VjcmV0")]
    public async Task Only_unknown_subprotocols_are_answered_400(string header, string value)
    {
        using var response = await UpgradeAsync((header, value));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await Problem.OfAsync(response);
        await GoodClient.IsServedByAsync(_gateway);
    }

    [Theory]
    [InlineData("Sec-WebSocket-Version", "7")]
    [InlineData("Sec-WebSocket-Version", "99")]
    [InlineData("Sec-WebSocket-Version", null)]
    [InlineData("Sec-WebSocket-Key", null)]
    [InlineData("Sec-WebSocket-Key", "c2hvcnQ=")]
    [InlineData("Sec-WebSocket-Key", "not base64 at all")]
    public async Task A_handshake_that_breaks_the_RFC_is_refused(string header, string? value)
    {
        using var response = await UpgradeAsync((header, value));

        Assert.InRange((int)response.StatusCode, 400, 499);
        await GoodClient.IsServedByAsync(_gateway);
    }

    [Fact]
    public async Task A_plain_GET_is_told_to_upgrade()
    {
        using var http = _gateway.CreateHttpClient();

        using var response = await http.GetAsync("/bus");

        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
        Assert.Equal("websocket", Assert.Single(response.Headers.Upgrade).Name);
        await Problem.OfAsync(response);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Another_method_is_not_allowed(string method)
    {
        using var http = _gateway.CreateHttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), "/bus") { Content = new StringContent("{}") };

        using var response = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Contains("GET", response.Content.Headers.Allow);
        await Problem.OfAsync(response);
        await GoodClient.IsServedByAsync(_gateway);
    }

    [Theory]
    [InlineData("X-Filler", 2000)]
    [InlineData("Sec-WebSocket-Protocol", 10_000)]
    public async Task Too_many_headers_are_refused(string header, int count)
    {
        using var http = _gateway.CreateHttpClient();
        using var request = Upgrade();
        for (var n = 0; n < count; n++)
        {
            request.Headers.TryAddWithoutValidation(header is "X-Filler" ? $"{header}-{n}" : header, "a-subprotocol");
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, response.StatusCode);
        await GoodClient.IsServedByAsync(_gateway);
    }

    private async Task<HttpResponseMessage> UpgradeAsync((string Name, string? Value) header)
    {
        using var http = _gateway.CreateHttpClient();
        using var request = Upgrade();
        request.Headers.Remove(header.Name);
        if (header.Value is not null)
        {
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static HttpRequestMessage Upgrade() => new(HttpMethod.Get, "/bus")
    {
        Headers =
        {
            { "Connection", "Upgrade" },
            { "Upgrade", "websocket" },
            { "Sec-WebSocket-Version", "13" },
            { "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==" },
        },
    };
}
