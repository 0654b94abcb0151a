using System.Net;
using MessageBus.Access;
using MessageBus.Connections;
using MessageBus.Delivery;
using MessageBus.Limits;
using MessageBus.Publishing;
using MessageBus.IntegrationTests.Api;
using MessageBus.IntegrationTests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MessageBus.IntegrationTests.Access;

/// <summary>
/// A refusal takes the same time whether or not the channel exists, because nobody has looked: it comes from a gateway too that has neither a broker nor a
/// table of channels to look into. (The same words: ChannelRuleTests.)
/// </summary>
public sealed class BlindRefusalTests
{
    private static readonly (string, string)[] Rules =
    [
        ("MessageBus:Channels:0:Pattern", "user/{user}"), ("MessageBus:Channels:0:Subscribe", "user"), ("MessageBus:Channels:0:Publish", "user"),
        ("MessageBus:Channels:1:Pattern", "staff/**"), ("MessageBus:Channels:1:Subscribe", "role:staff"),
    ];

    [Theory]
    [InlineData("user/ann")]
    [InlineData("staff/night")]
    [InlineData("no/rule/is/about/it")]
    public async Task What_is_forbidden_is_refused_before_anything_is_looked_up(string channel)
    {
        await using var app = await EmbeddingApp.StartAsync(redis: null, bus => TakeSight(bus.Services), Rules);
        await using var bob = await app.OpenAsync("bob");
        await bob.SendAsync(new { type = "connect", subscriptions = new[] { new { channel } } });
        await bob.ExpectAsync("connected");
        Assert.Equal("forbidden", await bob.ExpectErrorAsync());

        await bob.SendAsync(new { type = "subscribe", id = 1, channel });
        Assert.Equal("forbidden", await bob.ExpectErrorAsync());
        await bob.SendAsync(new { type = "publish", id = 2, channel, payload = "x" });
        Assert.Equal("forbidden", await bob.ExpectErrorAsync());
        await bob.SendAsync(new { type = "unsubscribe", id = 3, channel });
        Assert.Equal("not_subscribed", await bob.ExpectErrorAsync());
        Assert.Equal(HttpStatusCode.Forbidden, await ApiCall.StatusAsync(app.Http, "POST", $"/api/publish?channel={channel}", ("Authorization", "Test bob")));
    }

    [Theory]
    [InlineData("subscribe")]
    [InlineData("publish")]
    public async Task What_is_allowed_such_a_gateway_cannot_do(string type)
    {
        await using var app = await EmbeddingApp.StartAsync(redis: null, bus => TakeSight(bus.Services), Rules);
        await using var bob = await app.ConnectAsync("bob");

        await bob.SendAsync(new { type, id = 1, channel = "user/bob", payload = "x" });

        Assert.Equal(4500, await bob.ExpectCloseAsync());
        Assert.Equal(HttpStatusCode.InternalServerError, await ApiCall.StatusAsync(app.Http, "POST", "/api/publish?channel=user/bob", ("Authorization", "Test bob")));
    }

    private static void TakeSight(IServiceCollection services)
    {
        services.AddSingleton(provider => new ConnectionRegistry(
            provider.GetRequiredService<CommandDispatcher>(),
            provider.GetRequiredService<ChannelAccess>(),
            directory: null!,
            provider.GetRequiredService<DeliveryLoops>(),
            provider.GetRequiredService<ConnectionCounters>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Connection>>()));
        services.AddSingleton(provider => new Publisher(
            broker: null!,
            provider.GetRequiredService<ChannelAccess>(),
            provider.GetRequiredService<PublicationCounters>(),
            provider.GetRequiredService<LimitOptions>()));
    }
}
