using System.Collections.Concurrent;
using MessageBus.Access;
using MessageBus.IntegrationTests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MessageBus.IntegrationTests.Access;

/// <summary>An app that decides in its own code, as slowly as a database does.</summary>
public sealed class ChannelAuthorizerTests
{
    [Fact]
    public async Task Its_answer_counts_and_only_who_asked_waits_for_it()
    {
        var code = new Code();
        await using var app = await EmbeddingApp.StartAsync(redis: null, bus => Use(bus, code));
        await using var ann = await app.ConnectAsync("ann");
        code.Rights["bob"] = true;
        await using var bob = await app.ConnectAsync("bob", "room/1");

        var held = code.Hold("ann");
        await ann.SendAsync(new { type = "subscribe", id = 1, channel = "room/1" });
        await Eventually.TrueAsync(() => code.Asked.Contains("Subscribe room/1 ann"), "the code is asked");
        for (var n = 0; n < 100; n++)
        {
            await bob.SendAsync(new { type = "publish", channel = "room/1", payload = $"{n}" });
            Assert.Equal($"{n}", await bob.ExpectTextAsync("room/1"));
        }

        Assert.True(ann.IsQuiet);
        held.SetResult(true);
        Assert.Equal("room/1", (await ann.ExpectAsync("subscribed")).GetProperty("channel").GetString());
        code.Rights["ann"] = false;
        await ann.SendAsync(new { type = "publish", id = 2, channel = "room/1", payload = "x" });
        Assert.Equal("forbidden", await ann.ExpectErrorAsync());
    }

    [Fact]
    public async Task Code_that_blocks_its_thread_holds_up_no_delivery()
    {
        var code = new Code();
        await using var app = await EmbeddingApp.StartAsync(redis: null, bus => Use(bus, code), ("MessageBus:Delivery:Loops", "1"));
        code.Rights["ann"] = code.Rights["bob"] = true;
        await using var ann = await app.ConnectAsync("ann", "room/1");
        await using var bob = await app.ConnectAsync("bob", "room/1");

        using var gate = code.Block("ann");
        await ann.SendAsync(new { type = "subscribe", id = 1, channel = "room/2" });
        await Eventually.TrueAsync(() => code.Asked.Contains("Subscribe room/2 ann"), "the code is asked");
        for (var n = 0; n < 100; n++)
        {
            // Also to the one whose command waits.
            await bob.SendAsync(new { type = "publish", channel = "room/1", payload = $"{n}" });
            Assert.Equal($"{n}", await bob.ExpectTextAsync("room/1"));
            Assert.Equal($"{n}", await ann.ExpectTextAsync("room/1"));
        }

        gate.Set();
        Assert.Equal("room/2", (await ann.ExpectAsync("subscribed")).GetProperty("channel").GetString());
    }

    [Fact]
    public async Task Publishes_that_wait_for_it_stay_in_order()
    {
        var code = new Code();
        await using var app = await EmbeddingApp.StartAsync(redis: null, bus => Use(bus, code));
        code.Rights["ann"] = true;
        await using var ann = await app.ConnectAsync("ann", "room/1");

        for (var n = 0; n < 50; n++)
        {
            await ann.SendAsync(new { type = "publish", channel = "room/1", payload = $"{n}" });
        }

        for (var n = 0; n < 50; n++)
        {
            Assert.Equal($"{n}", await ann.ExpectTextAsync("room/1"));
        }
    }

    [Fact]
    public async Task A_fault_in_it_refuses_the_command_and_is_logged_and_nothing_of_it_is_told()
    {
        var code = new Code();
        await using var app = await EmbeddingApp.StartAsync(redis: null, bus => Use(bus, code));
        await using var ann = await app.ConnectAsync("ann");

        code.Hold("ann").SetException(new InvalidOperationException("db.internal:5432 is down"));
        await ann.SendAsync(new { type = "subscribe", id = 1, channel = "room/1" });
        var error = await ann.ExpectAsync("error");

        Assert.Equal("internal", error.GetProperty("code").GetString());
        Assert.DoesNotContain("db.internal", error.GetRawText(), StringComparison.Ordinal);
        Assert.True(app.Log.Has("db.internal:5432 is down"));
        code.Rights["ann"] = true;
        await ann.SubscribeAsync("room/1");
    }

    [Fact]
    public async Task It_is_asked_again_about_live_subscriptions_when_the_configuration_changes()
    {
        var code = new Code();
        await using var app = await EmbeddingApp.StartAsync(redis: null, bus => Use(bus, code));
        code.Rights["ann"] = code.Rights["bob"] = true;
        await using var ann = await app.ConnectAsync("ann", "room/1");
        await using var bob = await app.ConnectAsync("bob", "room/1");

        code.Rights["ann"] = false;
        app.Reconfigure();

        Assert.Equal("forbidden", (await ann.ExpectAsync("unsubscribed")).GetProperty("reason").GetString());
        await bob.SendAsync(new { type = "publish", channel = "room/1", payload = "for bob" });
        Assert.Equal("for bob", await bob.ExpectTextAsync("room/1"));
        Assert.True(ann.IsQuiet);
    }

    private static void Use(MessageBusBuilder bus, Code code)
    {
        bus.Services.AddSingleton(code);
        bus.AddChannelAuthorizer<Registered>();
    }

    /// <summary>As an app registers it: made by the container.</summary>
    private sealed class Registered(Code code) : IChannelAuthorizer
    {
        public async ValueTask<bool> IsAllowedAsync(ChannelRequest request, CancellationToken cancellationToken)
        {
            var user = request.User.Identity!.IsAuthenticated ? request.User.Claims.First().Value : "";
            code.Asked.Add($"{request.Operation} {request.Channel} {user}");
            if (code.Blocked.TryRemove(user, out var gate))
            {
                gate.Wait(CancellationToken.None);
            }

            await Task.Yield();
            return code.Held.TryRemove(user, out var held) ? await held.Task : code.Rights.GetValueOrDefault(user);
        }
    }

    private sealed class Code
    {
        public ConcurrentDictionary<string, bool> Rights { get; } = [];

        public ConcurrentDictionary<string, TaskCompletionSource<bool>> Held { get; } = [];

        public ConcurrentDictionary<string, ManualResetEventSlim> Blocked { get; } = [];

        public ConcurrentBag<string> Asked { get; } = [];

        /// <summary>The next question about this user keeps its thread until the test opens the gate.</summary>
        public ManualResetEventSlim Block(string user) => Blocked[user] = new();

        /// <summary>The next question about this user is answered by the test.</summary>
        public TaskCompletionSource<bool> Hold(string user) => Held[user] = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
