using System.Net;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Api;

/// <summary>A gateway that is not open to everybody: nobody is let in before they have shown who they are.</summary>
public sealed class AnonymousTests
{
    [Theory]
    [InlineData("POST", "/api/publish?channel=a")]
    [InlineData("POST", "/api/publish?channel=*")]
    [InlineData("GET", "/api/channels")]
    [InlineData("GET", "/api/connections")]
    [InlineData("DELETE", "/api/connections/c-x")]
    [InlineData("DELETE", "/api/users/42/connections")]
    [InlineData("GET", "/bus")]
    public async Task The_API_and_the_upgrade_answer_401(string method, string path)
    {
        await using var gateway = GatewayApp.Start(("MessageBus:AllowAnonymous", "false"));
        using var http = gateway.CreateHttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (path is "/bus")
        {
            request.Headers.Add("Connection", "Upgrade");
            request.Headers.Add("Upgrade", "websocket");
            request.Headers.Add("Sec-WebSocket-Version", "13");
            request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        }

        using var response = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("unauthorized", (await Problem.OfAsync(response)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Outside_Development_that_is_the_default()
    {
        await using var gateway = GatewayApp.Start(
        [
            .. Keys.Settings,
            ("environment", "Production"),
            ("urls", "http://127.0.0.1:0"),
            ("MessageBus:AllowEmbedded", "true"),
            ("MessageBus:Jwt:Secret", Tokens.Secret),
            ("MessageBus:Channels:0:Pattern", "user/{user}"),
            ("MessageBus:Channels:0:Subscribe", "user"),
        ]);

        Assert.Equal(HttpStatusCode.Unauthorized, await gateway.StatusOfAsync("/api/channels"));
        Assert.Equal(HttpStatusCode.OK, await gateway.StatusOfAsync("/health/ready"));
    }
}
