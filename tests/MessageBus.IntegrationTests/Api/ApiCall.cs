using System.Net;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Api;

/// <summary>A call of the REST API with headers of the test's own.</summary>
internal static class ApiCall
{
    public static async Task<HttpResponseMessage> SendAsync(Uri gateway, string method, string path, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient { BaseAddress = gateway };
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is "POST")
        {
            request.Content = new StringContent("payload");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await http.SendAsync(request);
    }

    public static async Task<HttpStatusCode> StatusAsync(Uri gateway, string method, string path, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(gateway, method, path, headers);
        return response.StatusCode;
    }

    public static (string, string) With(string key) => (Keys.Header, key);
}
