using Microsoft.Playwright;

namespace MessageBus.BrowserTests.Browser;

/// <summary>
/// A page on the gateway's origin whose script has a <c>bus</c> made from the client module, as an application has it. Disposing it closes its window.
/// </summary>
internal sealed class ApplicationPage(IPage page) : IAsyncDisposable
{
    public IPage Page { get; } = page;

    public async Task OpenAsync(Uri gateway)
    {
        var address = new Uri(gateway, "application.html").AbsoluteUri;
        await Page.RouteAsync(address, route => route.FulfillAsync(new()
        {
            ContentType = "text/html",
            Body = "<!doctype html><title>An application</title>",
        }));
        await Page.GotoAsync(address);
        await Page.EvaluateAsync(
            """
            async () => {
              const { MessageBus } = await import('/bus/client.js');
              window.bus = new MessageBus();
              window.bytesOf = base64 => Uint8Array.from(atob(base64), character => character.charCodeAt(0));
            }
            """);
    }

    /// <summary>
    /// Subscribes and returns once messages flow. <paramref name="onMessage"/> is the JavaScript callback.
    /// </summary>
    public Task SubscribeAsync(string channel, string onMessage) =>
        Page.EvaluateAsync($"channel => new Promise(onSubscribed => bus.subscribe(channel, {onMessage}, {{ onSubscribed }}))", channel);

    public Task PublishTextAsync(string channel, string text) =>
        Page.EvaluateAsync("([channel, text]) => bus.publish(channel, text)", new[] { channel, text });

    public Task PublishBytesAsync(string channel, byte[] bytes) =>
        Page.EvaluateAsync("([channel, base64]) => bus.publish(channel, bytesOf(base64))", new[] { channel, Convert.ToBase64String(bytes) });

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();
}
