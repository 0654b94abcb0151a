using System.Net;
using System.Text.Json;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Api;

/// <summary>An operator disconnects a connection or a user, on whichever gateway.</summary>
public sealed class DisconnectTests
{
    private static readonly string[] Settings =
    [
        .. Keys.Variables, "--urls=http://127.0.0.1:0", $"MessageBus__Jwt__Secret={Tokens.Secret}",
        "MessageBus__Channels__0__Pattern=news", "MessageBus__Channels__0__Subscribe=authenticated", "MessageBus__Channels__0__Publish=none",
    ];

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task User_is_disconnected_on_two_gateway_processes_and_nobody_else_is(string ownSockets)
    {
        await using var redis = await RedisServerProcess.StartAsync();
        string[] settings = [.. Settings, $"ConnectionStrings__Redis={redis.Endpoint}", $"MessageBus__OwnSockets={ownSockets}"];
        await using var gatewayA = await GatewayProcess.StartAsync(settings);
        await using var gatewayB = await GatewayProcess.StartAsync(settings);
        gatewayA.ReadOn();
        gatewayB.ReadOn();
        var users = new List<BusClient>();
        var others = new List<BusClient>();
        foreach (var gateway in new[] { gatewayA, gatewayB })
        {
            users.Add((await ConnectAsync(gateway, "42")).Client);
            users.Add((await ConnectAsync(gateway, "42")).Client);
            others.Add((await ConnectAsync(gateway, "43")).Client);
        }

        using var answer = await ApiCall.SendAsync(gatewayA.Addresses[0], "DELETE", "/api/users/42/connections", ApiCall.With(Keys.Admin));

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("""{"closed":2}""", await answer.Content.ReadAsStringAsync());
        foreach (var client in users)
        {
            Assert.Equal(4403, await client.ExpectCloseAsync());
            Assert.Equal("forbidden", client.CloseText);
            Assert.True(client.IsQuiet);
        }

        await RedisCli.RunAsync(redis.Port, "PUBLISH", "news", "for those who are left");
        foreach (var client in others)
        {
            Assert.Equal("for those who are left", await client.ExpectTextAsync("news"));
        }

        await Task.WhenAll(users.Concat(others).Select(client => client.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Connection_is_disconnected_by_its_id_through_any_gateway()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gatewayA = GatewayApp.Start(redis, Keys.Settings);
        await using var gatewayB = GatewayApp.Start(redis, Keys.Settings);
        await using var here = await BusClient.OpenAsync(gatewayA.Bus);
        await using var there = await BusClient.OpenAsync(gatewayB.Bus);
        await using var left = await BusClient.ConnectAsync(gatewayB.Bus);
        var (idHere, idThere) = (IdOf(await here.ConnectAsync()), IdOf(await there.ConnectAsync()));

        Assert.Equal((200, 1), await DeleteAsync(gatewayA, $"/api/connections/{idHere}"));
        Assert.Equal((202, 0), await DeleteAsync(gatewayA, $"/api/connections/{idThere}"));
        Assert.Equal((202, 0), await DeleteAsync(gatewayA, $"/api/connections/{idHere}"));

        Assert.Equal(4403, await here.ExpectCloseAsync());
        Assert.Equal(4403, await there.ExpectCloseAsync());
        await left.SubscribeAsync("still/here");
    }

    [Theory]
    [InlineData("anna/berlin", "anna%2Fberlin")]
    [InlineData("anna/berlin", "anna%2fberlin")]
    [InlineData("anna@example.com", "anna@example.com")]
    [InlineData("auth0|42", "auth0%7C42")]
    [InlineData("Jürgen Groß", "J%C3%BCrgen%20Gro%C3%9F")]
    [InlineData("50%", "50%25")]
    [InlineData("a%2Fb", "a%252Fb")]
    [InlineData("/../*", "%2F..%2F*")]
    public async Task User_of_any_name_can_be_named(string user, string inTheAddress)
    {
        await using var gateway = GatewayApp.Start(WithTokens);
        await using var client = await BusClient.OpenAsync(gateway.Bus);
        await client.ConnectWithAsync(Tokens.For(user));

        var answer = await RawHttp.AnswerAsync(
            gateway.Http, $"DELETE /api/users/{inTheAddress}/connections HTTP/1.1\r\nHost: localhost\r\n{Keys.Header}: {Keys.Admin}\r\nConnection: close\r\n\r\n");

        Assert.Contains("\"closed\":1", answer, StringComparison.Ordinal);
        Assert.Equal(4403, await client.ExpectCloseAsync());
    }

    [Fact]
    public async Task While_Redis_is_away_the_own_connections_are_closed_and_after_its_return_the_others_too()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await redis.KillAsync();

        // One gateway has seen Redis from the start, the other has not.
        await using var gatewayB = GatewayApp.Start(redis, WithTokens);
        await redis.RestartAsync();
        await using var gatewayA = GatewayApp.Start(redis, WithTokens);
        await redis.KillAsync();
        await using var here = await BusClient.OpenAsync(gatewayA.Bus);
        await using var there = await BusClient.OpenAsync(gatewayB.Bus);
        await here.ConnectWithAsync(Tokens.For("42"));
        await there.ConnectWithAsync(Tokens.For("42"));
        await Eventually.TrueAsync(async () => await gatewayA.StatusOfAsync("/health/ready") is HttpStatusCode.ServiceUnavailable, "the gateway knows that Redis is away");

        using var away = await ApiCall.SendAsync(gatewayA.Http, "DELETE", "/api/users/42/connections", ApiCall.With(Keys.Admin));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, away.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), away.Headers.RetryAfter?.Delta);
        Assert.Equal("unavailable", (await Problem.OfAsync(away)).GetProperty("code").GetString());
        Assert.Equal(4403, await here.ExpectCloseAsync());

        await redis.RestartAsync();

        // Until both are back, again and again, as the answer says.
        var closed = there.ExpectCloseAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                await ApiCall.StatusAsync(gatewayA.Http, "DELETE", "/api/users/42/connections", ApiCall.With(Keys.Admin));
                return closed.IsCompleted;
            },
            "the other gateway hears it");
        Assert.Equal(4403, await closed);
    }

    [Fact]
    public async Task Nonsense_on_the_gateways_channel_harms_nobody()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var client = await BusClient.OpenAsync(gateway.Bus);
        var id = IdOf(await client.ConnectAsync());
        string[] nonsense = ["", "nonsense", "[]", "{}", """{"user":null}""", """{"connection":1}""", """{"user":"\ud800"}""", new string('[', 100_000)];

        foreach (var message in nonsense)
        {
            await RedisCli.RunAsync(redis.Port, "PUBLISH", "mb:disconnect", message);
        }

        await client.SubscribeAsync("still/here");
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "mb:disconnect", $$"""{"connection":"{{id}}","newer":"field"}""");
        Assert.Equal(4403, await client.ExpectCloseAsync());
    }

    private static (string, string)[] WithTokens { get; } = [.. Keys.Settings, ("MessageBus:Jwt:Secret", Tokens.Secret)];

    private static string IdOf(JsonElement connected) => connected.GetProperty("connection").GetString()!;

    private static async Task<(BusClient Client, string Id)> ConnectAsync(GatewayProcess gateway, string user)
    {
        var client = await BusClient.OpenAsync(new UriBuilder(gateway.Addresses[0]) { Scheme = "ws", Path = "/bus" }.Uri);
        var id = IdOf(await client.ConnectWithAsync(Tokens.For(user)));
        await client.SubscribeAsync("news");
        return (client, id);
    }

    private static async Task<(int Status, int Closed)> DeleteAsync(GatewayApp gateway, string path)
    {
        using var response = await ApiCall.SendAsync(gateway.Http, "DELETE", path, ApiCall.With(Keys.Admin));
        var answer = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
        return ((int)response.StatusCode, answer.GetProperty("closed").GetInt32());
    }
}
