using System.Text.Json;
using MessageBus.IntegrationTests.Support;
using Microsoft.Playwright;

namespace MessageBus.BrowserTests.Browser;

/// <summary>
/// A page on the gateway's origin whose script has a <c>bus</c> made from the client module, as an application has it. Disposing it closes its window.
/// </summary>
internal sealed class ApplicationPage(IPage page) : IAsyncDisposable
{
    /// <summary>Any address of the gateway that runs no script of its own. A page that the test makes up will not do: it has no
    /// address in the network, and Chromium does not let such a page open a WebSocket to a local one.</summary>
    public const string PlainAddress = "bus/client.js";

    public IPage Page { get; } = page;

    /// <param name="gateway">The origin.</param>
    /// <param name="options">What the bus is made with, as JavaScript.</param>
    /// <param name="address">Of the page, on this origin.</param>
    public async Task OpenAsync(Uri gateway, string options = "{}", string address = PlainAddress)
    {
        await Page.GotoAsync(new Uri(gateway, address).AbsoluteUri);
        await RunAsync($"async () => {{ {Script(options)} }}");
    }

    /// <summary>What makes a <c>bus</c>, in an async function.</summary>
    public static string Script(string options) =>
        $$"""
        const { MessageBus } = await import('/bus/client.js');
        window.bytesOf = base64 => Uint8Array.from(atob(base64), character => character.charCodeAt(0));
        window.heard = [];
        window.gaps = [];
        window.begin = options => {
          window.bus = new MessageBus(options);
          bus.on('gap', ({ channel, reason }) => gaps.push(`${channel ?? 'all'} ${reason}`));
        };
        begin({{options}});
        """;

    /// <summary>Subscribes and returns once messages flow. <paramref name="onMessage"/> is the JavaScript callback.</summary>
    public Task SubscribeAsync(string channel, string onMessage) =>
        RunAsync($"channel => new Promise(onSubscribed => {{ bus.subscribe(channel, {onMessage}, {{ onSubscribed }}); }})", channel);

    /// <summary>Subscribes, and keeps what is heard for <see cref="ExpectHeardAsync"/>.</summary>
    public Task ListenAsync(string channel) => SubscribeAsync(channel, "payload => heard.push(payload)");

    /// <summary>Exactly these payloads have been heard, in this order, since the page was opened.</summary>
    public async Task ExpectHeardAsync(params string[] payloads)
    {
        await ExpectAsync("count => heard.length >= count", payloads.Length);
        Assert.Equal(payloads, await ValueAsync<string[]>("heard"));
    }

    /// <summary>The page is told of this gap: the channel and the reason.</summary>
    public Task ExpectGapAsync(string gap) => ExpectAsync("gap => gaps.includes(gap)", gap);

    public Task ExpectStateAsync(string state) => ExpectAsync("state => bus.status.state === state", state);

    public Task PublishTextAsync(string channel, string text) =>
        RunAsync("([channel, text]) => bus.publish(channel, text)", new[] { channel, text });

    public Task PublishBytesAsync(string channel, byte[] bytes) =>
        RunAsync("([channel, base64]) => bus.publish(channel, bytesOf(base64))", new[] { channel, Convert.ToBase64String(bytes) });

    /// <summary>Runs a JavaScript function in the page; what it returns is awaited.</summary>
    public Task RunAsync(string function, object? argument = null) => Eventually.DoneAsync(Page.EvaluateAsync(function, argument), $"the page has run {function}");

    /// <summary>What a JavaScript expression is at the moment.</summary>
    public Task<T> ValueAsync<T>(string expression) => Page.EvaluateAsync<T>(expression);

    /// <summary>Returns once <paramref name="condition"/>, a JavaScript function, is true of the page. It is asked from outside: a page's policy may forbid eval.</summary>
    public Task ExpectAsync(string condition, object? argument = null, TimeSpan? limit = null) =>
        Eventually.TrueAsync(() => Page.EvaluateAsync<bool>(condition, argument), $"{condition} for {JsonSerializer.Serialize(argument)}", limit);

    /// <summary>Its process dies: no script of the page runs any more, to say that it leaves.</summary>
    public async Task CrashAsync()
    {
        var crashed = new TaskCompletionSource();
        Page.Crash += (_, _) => crashed.TrySetResult();
        var devTools = await Page.Context.NewCDPSessionAsync(Page);
        // A page that is dead does not answer.
        _ = devTools.SendAsync("Page.crash").ContinueWith(answer => answer.Exception, TaskScheduler.Default);
        await Eventually.DoneAsync(crashed.Task, "the page has crashed");
    }

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();
}
