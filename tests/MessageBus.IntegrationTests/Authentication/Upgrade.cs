using System.Net;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Authentication;

/// <summary>The request that opens a WebSocket, with headers of the test's own.</summary>
internal static class Upgrade
{
    public static HttpRequestMessage Request(params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/bus")
        {
            Headers =
            {
                { "Connection", "Upgrade" },
                { "Upgrade", "websocket" },
                { "Sec-WebSocket-Version", "13" },
                { "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==" },
            },
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    public static async Task<HttpResponseMessage> TryAsync(GatewayApp gateway, params (string Name, string Value)[] headers)
    {
        using var http = gateway.CreateHttpClient();
        using var request = Request(headers);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public static async Task<HttpStatusCode> StatusAsync(GatewayApp gateway, params (string Name, string Value)[] headers)
    {
        using var response = await TryAsync(gateway, headers);
        return response.StatusCode;
    }
}
