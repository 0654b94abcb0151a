using System.Net;
using System.Text;
using System.Text.Json;
using MessageBus.IntegrationTests.Api;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Authentication;

/// <summary>Each way in which a client can show its token, over raw sockets, and what is answered to a wrong one.</summary>
public sealed class TokenSourceTests(ClosedGateway shared) : IClassFixture<ClosedGateway>
{
    private readonly GatewayApp _gateway = shared.App;

    public static TheoryData<string> Sources { get; } = ["Authorization", "authorization in lower case", "subprotocol", "subprotocol in base64url", "cookie"];

    /// <summary>The headers that carry the token: with a cookie comes the page's origin.</summary>
    private (string, string)[] Carry(string source, string token) => source switch
    {
        "Authorization" => [("Authorization", $"Bearer {token}")],
        "authorization in lower case" => [("authorization", $"bearer {token}")],
        "subprotocol" => [("Sec-WebSocket-Protocol", $"messagebus.v1.json, bearer.{token}")],
        "subprotocol in base64url" => [("Sec-WebSocket-Protocol", $"bearer.{Tokens.Encode(Encoding.ASCII.GetBytes(token))}, messagebus.v1.json")],
        _ => [("Cookie", $"theme=dark; access={token}; other=1"), ("Origin", _gateway.Http.GetLeftPart(UriPartial.Authority))],
    };

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task Connection_is_the_tokens_user(string source)
    {
        using var socket = await RawWebSocket.OpenAsync(_gateway, Carry(source, Tokens.For("42")));
        await socket.SendAsync(RawWebSocket.Frame(RawWebSocket.Fin | RawWebSocket.Text, """{"type":"connect","id":1}"""u8));

        var connected = JsonSerializer.Deserialize<JsonElement>((await socket.ReadFrameAsync()).Payload);

        Assert.Equal("connected", connected.GetProperty("type").GetString());
        Assert.Equal("42", connected.GetProperty("user").GetString());
        Assert.InRange(connected.GetProperty("expires").GetInt32(), 3500, 3600);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task Token_in_connect_counts_more_than_the_one_of_the_request(string source)
    {
        using var socket = await RawWebSocket.OpenAsync(_gateway, Carry(source, Tokens.For("42")));
        await socket.SendAsync(RawWebSocket.Frame(RawWebSocket.Fin | RawWebSocket.Text, Encoding.UTF8.GetBytes($$"""{"type":"connect","token":"{{Tokens.For("43")}}"}""")));

        Assert.Contains("\"user\":\"43\"", Encoding.UTF8.GetString((await socket.ReadFrameAsync()).Payload), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_in_connect_is_enough()
    {
        await using var client = await BusClient.OpenAsync(_gateway.Bus);

        var connected = await client.ConnectWithAsync(Tokens.For("42"));

        Assert.Equal("42", connected.GetProperty("user").GetString());
        Assert.Contains(
            (await ConnectionsAsync()).EnumerateArray(),
            one => one.GetProperty("id").GetString() == connected.GetProperty("connection").GetString() && one.GetProperty("user").GetString() is "42");
    }

    [Theory]
    [InlineData("Authorization")]
    [InlineData("subprotocol")]
    [InlineData("subprotocol in base64url")]
    public async Task Wrong_token_of_the_request_is_answered_401_and_nothing_else_is_said(string source)
    {
        foreach (var wrong in WrongTokens())
        {
            using var response = await Upgrade.TryAsync(_gateway, Carry(source, wrong));

            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            var problem = await Problem.OfAsync(response);
            Assert.Equal("unauthorized", problem.GetProperty("code").GetString());
            Assert.Equal("The token is not accepted. Get a new one.", problem.GetProperty("detail").GetString());
        }
    }

    [Fact]
    public async Task Wrong_token_in_connect_or_none_at_all_closes_4401()
    {
        foreach (var wrong in WrongTokens().Append(new string('x', 100_000)))
        {
            await using var client = await BusClient.OpenAsync(_gateway.Bus);
            await client.SendAsync(new { type = "connect", id = 1, token = wrong });

            Assert.Equal(4401, await client.ExpectCloseAsync());
            Assert.Equal("unauthorized", client.CloseText);
            Assert.True(client.IsQuiet);
        }

        await using var without = await BusClient.OpenAsync(_gateway.Bus);
        await without.SendAsync(new { type = "connect", id = 1 });
        Assert.Equal(4401, await without.ExpectCloseAsync());
    }

    [Fact]
    public async Task Token_of_a_megabyte_is_a_message_that_is_too_big()
    {
        await using var client = await BusClient.OpenAsync(_gateway.Bus);

        await client.SendAsync(new { type = "connect", id = 1, token = new string('x', 1024 * 1024) });

        Assert.Equal(1009, await client.ExpectCloseAsync());
    }

    [Fact]
    public async Task Nothing_is_done_for_a_client_before_its_token_was_accepted()
    {
        await using var client = await BusClient.OpenAsync(_gateway.Bus);

        await client.SendAsync(new { type = "subscribe", id = 1, channel = "a" });

        Assert.Equal(4400, await client.ExpectCloseAsync());
    }

    [Fact]
    public async Task Old_cookie_is_no_token_that_was_given_on_purpose()
    {
        using var socket = await RawWebSocket.OpenAsync(_gateway, Carry("cookie", Tokens.For("42", TimeSpan.FromHours(-1))));
        await socket.SendAsync(RawWebSocket.Frame(RawWebSocket.Fin | RawWebSocket.Text, """{"type":"connect"}"""u8));

        Assert.Equal(4401, await socket.ReadCloseAsync());
    }

    [Fact]
    public async Task Cookie_opens_a_WebSocket_and_never_the_API_and_a_token_in_the_address_nothing()
    {
        using var http = _gateway.CreateHttpClient();
        async Task<HttpStatusCode> PostAsync(string path, params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path);
            Array.ForEach(headers, header => request.Headers.TryAddWithoutValidation(header.Name, header.Value));
            using var response = await http.SendAsync(request);
            return response.StatusCode;
        }

        var token = Tokens.For("42");

        Assert.Equal(HttpStatusCode.NoContent, await PostAsync("/api/publish?channel=a", ("Authorization", $"Bearer {token}")));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync("/api/publish?channel=a", ("Cookie", $"access={token}")));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync($"/api/publish?channel=a&access_token={token}&token={token}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync("/api/publish?channel=a", ("Sec-WebSocket-Protocol", $"bearer.{token}")));
    }

    [Fact]
    public async Task Open_gateway_still_refuses_a_wrong_token_and_knows_the_user_of_a_right_one()
    {
        await using var open = GatewayApp.Start(("MessageBus:AllowAnonymous", "true"), ("MessageBus:Jwt:Secret", Tokens.Secret));
        await using var nobody = await BusClient.OpenAsync(open.Bus);
        await using var somebody = await BusClient.OpenAsync(open.Bus, subprotocols: ["messagebus.v1.json", $"bearer.{Tokens.For("42")}"]);

        Assert.False((await nobody.ConnectAsync()).TryGetProperty("user", out _));
        Assert.Equal("42", (await somebody.ConnectAsync()).GetProperty("user").GetString());
        Assert.Equal("messagebus.v1.json", somebody.Subprotocol);
        Assert.Equal(HttpStatusCode.Unauthorized, await Upgrade.StatusAsync(open, ("Authorization", "Bearer wrong")));
    }

    private static IEnumerable<string> WrongTokens() =>
    [
        "nonsense",
        "a.b.c",
        Tokens.For("42", TimeSpan.FromHours(-1)),
        Tokens.Hs256(new { sub = "42", exp = Tokens.In(TimeSpan.FromHours(1)) }, "the secret of somebody else, long enough"),
        Tokens.Make("""{"alg":"none"}""", $$"""{"sub":"42","exp":{{Tokens.In(TimeSpan.FromHours(1))}}}""", _ => []),
        Tokens.For("42").Replace('.', '_'),

        // Right in everything but its length.
        Tokens.Hs256(new { sub = "42", exp = Tokens.In(TimeSpan.FromHours(1)), filler = new string('x', 6_300) }),
    ];

    private async Task<JsonElement> ConnectionsAsync()
    {
        using var http = _gateway.CreateHttpClient();
        http.DefaultRequestHeaders.Add(Keys.Header, Keys.Read);
        return JsonSerializer.Deserialize<JsonElement>(await http.GetStringAsync("/api/connections"));
    }
}
