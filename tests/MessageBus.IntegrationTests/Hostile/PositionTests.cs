using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Hostile;

/// <summary>A <c>since</c> or <c>last</c> that a client makes up. Nothing is kept, so no position gives anybody a message of before its subscription.</summary>
public sealed class PositionTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private readonly GatewayApp _gateway = shared.App;

    [Theory]
    [InlineData("""{"epoch":"e","offset":0}""")]
    [InlineData("""{"epoch":"e","offset":9223372036854775807}""")]
    [InlineData("""{"epoch":"e","offset":-1}""")]
    [InlineData("""{"epoch":"e","offset":1e400}""")]
    [InlineData("""{"epoch":"of another channel","offset":1}""")]
    [InlineData("""{"epoch":"../../etc/passwd\u0000","offset":"1"}""")]
    [InlineData("""{"epoch":"\ud800","offset":[]}""")]
    [InlineData("""{"channel":"position/secret","epoch":{},"offset":null}""")]
    [InlineData("\"yesterday\"")]
    [InlineData("-1")]
    [InlineData("null")]
    public async Task Brings_nothing_but_what_comes_after_the_subscription(string since)
    {
        await using var other = await BusClient.ConnectAsync(_gateway.Bus);
        await other.PublishAsync("position/secret", "for another channel");
        await other.PublishAsync("position/a", "before");

        await using var client = await BusClient.OpenAsync(_gateway.Bus);
        await client.SendTextAsync($$"""{"type":"connect","subscriptions":[{"channel":"position/a","since":{{since}},"last":1000}]}""");
        await client.ExpectAsync("connected");
        await client.ExpectAsync("subscribed");
        await client.SendTextAsync($$"""{"type":"subscribe","id":2,"channel":"position/b","since":{{since}},"last":-1}""");
        await client.ExpectAsync("subscribed");
        await other.PublishAsync("position/a", "after");
        await other.PublishAsync("position/b", "after");

        Assert.Equal("after", await client.ExpectTextAsync("position/a"));
        Assert.Equal("after", await client.ExpectTextAsync("position/b"));
        Assert.True(client.IsQuiet);
    }
}
