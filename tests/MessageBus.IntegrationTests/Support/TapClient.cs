using System.Net.ServerSentEvents;
using System.Text.Json;

namespace MessageBus.IntegrationTests.Support;

/// <summary>Reads a tap of the REST API as a page does. Disposing it closes the request.</summary>
public sealed class TapClient : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly HttpResponseMessage _response;
    private readonly IAsyncEnumerator<SseItem<string>> _events;

    private TapClient(HttpClient http, HttpResponseMessage response, Stream stream)
    {
        _http = http;
        _response = response;
        _events = SseParser.Create(stream).EnumerateAsync().GetAsyncEnumerator();
    }

    /// <summary>Opens it and returns once it is subscribed. In Development no key is needed.</summary>
    public static async Task<TapClient> OpenAsync(Uri gateway, string channel, string? key = null)
    {
        // The certificate that the gateway makes for itself is known to nobody.
        var http = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true }) { BaseAddress = gateway };
        using var request = new HttpRequestMessage(HttpMethod.Get, Path(channel));
        if (key is not null)
        {
            request.Headers.Add(Keys.Header, key);
        }

        var response = await Eventually.ResultAsync(http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead), "the tap is answered");
        Assert.True(response.IsSuccessStatusCode, $"The tap was answered {response.StatusCode}.");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var tap = new TapClient(http, response, await response.Content.ReadAsStreamAsync());
        var first = await tap.NextAsync();
        Assert.Equal(("subscribed", channel), (first.Type, first.Data.GetProperty("channel").GetString()));
        return tap;
    }

    public static string Path(string channel) => $"/api/tap?channel={Uri.EscapeDataString(channel)}";

    /// <summary>The next event; a ping where <paramref name="type"/> asks for it only.</summary>
    public async Task<(string Type, JsonElement Data)> NextAsync(string? type = null)
    {
        while (true)
        {
            Assert.True(await Eventually.ResultAsync(_events.MoveNextAsync().AsTask(), $"the tap tells {type ?? "something"}"), "The tap has ended.");
            var (name, data) = (_events.Current.EventType, JsonElement.Parse(_events.Current.Data));
            if (type is null ? name is not "ping" : name == type)
            {
                return (name, data);
            }
        }
    }

    /// <summary>The payload of the next event, which must be a publication of text.</summary>
    public async Task<string> NextTextAsync()
    {
        var (type, data) = await NextAsync();
        Assert.Equal("message", type);
        return data.GetProperty("payload").GetString()!;
    }

    /// <summary>Waits until the gateway ends it.</summary>
    public async Task ExpectEndAsync()
    {
        while (await Eventually.ResultAsync(_events.MoveNextAsync().AsTask(), "the tap ends"))
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The connection goes with its unread response. The parser would wait for the rest of it.
        _response.Dispose();
        _http.Dispose();
        await ValueTask.CompletedTask;
    }
}
