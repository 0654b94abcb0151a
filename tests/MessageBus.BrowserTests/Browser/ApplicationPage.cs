using MessageBus.IntegrationTests.Support;
using Microsoft.Playwright;

namespace MessageBus.BrowserTests.Browser;

/// <summary>
/// A page on the gateway's origin whose script has a <c>bus</c> made from the client module, as an application has it. Disposing it closes its window.
/// </summary>
internal sealed class ApplicationPage(IPage page) : IAsyncDisposable
{
    public IPage Page { get; } = page;

    /// <param name="gateway">The origin.</param>
    /// <param name="options">What the bus is made with, as JavaScript.</param>
    public async Task OpenAsync(Uri gateway, string options = "{}")
    {
        // Any address of the gateway that runs no script of its own. A page that the test makes up will not do: it has no
        // address in the network, and Chromium does not let such a page open a WebSocket to a local one.
        await Page.GotoAsync(new Uri(gateway, "bus/client.js").AbsoluteUri);
        await RunAsync(
            $$"""
            async () => {
              const { MessageBus } = await import('/bus/client.js');
              window.bus = new MessageBus({{options}});
              window.bytesOf = base64 => Uint8Array.from(atob(base64), character => character.charCodeAt(0));
            }
            """);
    }

    /// <summary>Subscribes and returns once messages flow. <paramref name="onMessage"/> is the JavaScript callback.</summary>
    public Task SubscribeAsync(string channel, string onMessage) =>
        RunAsync($"channel => new Promise(onSubscribed => bus.subscribe(channel, {onMessage}, {{ onSubscribed }}))", channel);

    public Task PublishTextAsync(string channel, string text) =>
        RunAsync("([channel, text]) => bus.publish(channel, text)", new[] { channel, text });

    public Task PublishBytesAsync(string channel, byte[] bytes) =>
        RunAsync("([channel, base64]) => bus.publish(channel, bytesOf(base64))", new[] { channel, Convert.ToBase64String(bytes) });

    /// <summary>Runs a JavaScript function in the page; what it returns is awaited.</summary>
    public Task RunAsync(string function, object? argument = null) => Eventually.DoneAsync(Page.EvaluateAsync(function, argument), $"the page has run {function}");

    /// <summary>What a JavaScript expression is at the moment.</summary>
    public Task<T> ValueAsync<T>(string expression) => Page.EvaluateAsync<T>(expression);

    /// <summary>Returns once <paramref name="condition"/>, a JavaScript function, is true of the page.</summary>
    public Task ExpectAsync(string condition, object? argument = null) => Page.WaitForFunctionAsync(condition, argument);

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();
}
