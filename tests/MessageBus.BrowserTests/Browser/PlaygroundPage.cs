using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MessageBus.BrowserTests.Browser;

/// <summary>The playground as its user sees it. Disposing it closes its window.</summary>
internal sealed class PlaygroundPage(IPage page) : IAsyncDisposable
{
    public IPage Page { get; } = page;

    public ILocator State => Page.GetByTestId("state");

    /// <summary>Where the connection lives and who shares it.</summary>
    public ILocator Home => Page.GetByTestId("home");

    /// <summary>The button that goes offline, and online again.</summary>
    public ILocator Offline => Page.GetByTestId("offline");

    public ILocator BrokerState => Page.GetByTestId("broker-state");

    public ILocator ChannelInput => Page.GetByTestId("channel-input");

    public ILocator ChannelError => Page.GetByTestId("channel-error");

    public ILocator PublishChannel => Page.GetByTestId("publish-channel");

    public ILocator PublishPayload => Page.GetByTestId("publish-payload");

    public ILocator PublishResult => Page.GetByTestId("publish-result");

    public ILocator Filter => Page.GetByTestId("filter");

    public ILocator Pause => Page.GetByTestId("pause");

    /// <summary>What is in the list, newest first.</summary>
    public ILocator Messages => Page.GetByTestId("messages").Locator(".message");

    public ILocator Payloads => Messages.Locator(".message-payload");

    /// <summary>What the page itself says between the messages.</summary>
    public ILocator Notices => Page.GetByTestId("messages").Locator(".notice-text");

    /// <summary>The line for a terminal that publishes to the page's current channel.</summary>
    public ILocator RedisLine => Page.GetByTestId("redis-line");

    public IReadOnlyCollection<string> Complaints { get; } = PageComplaints.Of(page);

    public async Task OpenAsync(Uri gateway)
    {
        await Page.GotoAsync(gateway.AbsoluteUri);
        await ExpectReadyAsync();
    }

    public async Task ReloadAsync()
    {
        await Page.ReloadAsync();
        await ExpectReadyAsync();
    }

    /// <summary>Subscribes with the form and returns once the gateway has confirmed it.</summary>
    public async Task SubscribeAsync(string channel)
    {
        await ChannelInput.FillAsync(channel);
        await Page.GetByTestId("subscribe-button").ClickAsync();
        await ExpectLiveAsync(channel);
    }

    /// <summary>Makes this channel the one that the page publishes to and shows terminal lines for.</summary>
    public Task SelectAsync(string channel) => ChannelRow(channel).Locator(".channel-name").ClickAsync();

    public async Task TryPublishAsync(string channel, string payload)
    {
        await PublishChannel.FillAsync(channel);
        await PublishPayload.FillAsync(payload);
        await Page.GetByTestId("publish-button").ClickAsync();
    }

    /// <summary>Publishes and returns once the broker has accepted it.</summary>
    public async Task PublishAsync(string channel, string payload)
    {
        await TryPublishAsync(channel, payload);
        await Expect(PublishResult).ToContainTextAsync($"Published to {channel}");
    }

    /// <summary>The subscription to this channel is confirmed.</summary>
    public Task ExpectLiveAsync(string channel) => Expect(ChannelRow(channel)).ToHaveAttributeAsync("data-live", "true");

    /// <summary>The newest message is this one.</summary>
    public async Task ExpectNewestAsync(string channel, string payload)
    {
        await Expect(Payloads.First).ToHaveTextAsync(payload);
        await Expect(Messages.First.Locator(".message-channel")).ToHaveTextAsync(channel);
    }

    public ILocator ChannelRow(string channel) => Page.GetByTestId("channels").GetByRole(AriaRole.Listitem).Filter(new()
    {
        Has = Page.GetByText(channel, new() { Exact = true }),
    });

    /// <summary>Writes what the window shows, with nothing in motion and nothing under the mouse, to the file that the environment variable names, if it is set.</summary>
    public async Task TakePictureIfWantedAsync(string variable)
    {
        if (Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } path)
        {
            return;
        }

        await Page.Mouse.MoveAsync(0, 0);
        await Page.ScreenshotAsync(new() { Path = path, Animations = ScreenshotAnimations.Disabled, Caret = ScreenshotCaret.Hide });
    }

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();

    /// <summary>Connected, and subscribed to what a page without a past subscribes to.</summary>
    private async Task ExpectReadyAsync()
    {
        await Expect(State).ToHaveTextAsync("Connected");
        await ExpectLiveAsync("demo/hello");
    }
}
