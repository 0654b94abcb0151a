using System.Net.WebSockets;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Authentication;

/// <summary>Tokens and keys stand in no log, at the most talkative level, and in no answer; nor does what a token says.</summary>
public sealed class SilenceTests
{
    private const string WrongKey = "key-of-somebody-else-who-guesses-it";

    private static readonly string[] Talkative = ["Serilog__MinimumLevel__Default=Verbose", "Serilog__MinimumLevel__Override__Microsoft=Verbose", "Serilog__MinimumLevel__Override__System=Verbose"];

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Neither_right_nor_wrong_tokens_are_logged_or_answered(string ownSockets)
    {
        await using var gateway = await GatewayProcess.StartAsync(
            [.. Talkative, .. Keys.Variables, "--urls=http://127.0.0.1:0", "MessageBus__AllowEmbedded=true", $"MessageBus__EmbeddedPort={FreePort.Next()}", $"MessageBus__Jwt__Secret={Tokens.Secret}", $"MessageBus__OwnSockets={ownSockets}",
                "MessageBus__Channels__0__Pattern=**", "MessageBus__Channels__0__Subscribe=authenticated", "MessageBus__Channels__0__Publish=authenticated"]);
        gateway.ReadOn();
        var bus = new UriBuilder(gateway.Addresses[0]) { Scheme = "ws", Path = "/bus" }.Uri;
        var right = Tokens.For("user-of-the-right-token");
        var wrong = Tokens.Hs256(new { sub = "wrong\r\n{\"level\":\"forged\"}\u001b[2J", exp = Tokens.In(TimeSpan.FromHours(1)) }, "the secret of somebody else, long enough");
        var answers = new List<string>();

        foreach (var token in new[] { right, wrong })
        {
            await using var client = await BusClient.OpenAsync(bus);
            await client.SendAsync(new { type = "connect", id = 1, token });
            await client.SendAsync(new { type = "refresh", id = 2, token });
            await client.SendAsync(new { type = "refresh", id = 3, token = wrong });
            await client.SendAsync(new { type = "publish", id = 4, channel = $"* {token}", payload = token });
            await client.SendTextAsync($$"""{"token":"{{token}}"}""");
            await client.ExpectCloseAsync();
            answers.Add($"{client.CloseText}");
            while (!client.IsQuiet)
            {
                answers.Add((await client.NextAsync()).ToString());
            }

            answers.AddRange(await AnswersAsync(gateway.Addresses[0], token));
            try
            {
                await using var offered = await BusClient.OpenAsync(bus, subprotocols: ["messagebus.v1.json", $"bearer.{token}"]);
            }
            catch (WebSocketException)
            {
                // The wrong one is answered 401.
            }
        }

        await gateway.TerminateAsync();

        var said = string.Join('\n', gateway.Lines.Concat(answers));
        Assert.Contains("A token was refused: WrongSignature", said, StringComparison.Ordinal);
        Assert.Contains(gateway.Lines, line => line.Contains("\"Level\":\"Verbose\"", StringComparison.Ordinal));
        foreach (var part in right.Split('.').Concat(wrong.Split('.')).Append(Tokens.Secret).Append(Keys.Read).Append(Keys.Publish).Append(Keys.AdminSha256).Append(WrongKey).Append("forged").Append("user-of-the-right-token"))
        {
            // The header is the same for everybody and says nothing; the user is told to itself.
            if (part != right.Split('.')[0])
            {
                Assert.DoesNotContain(part, string.Join('\n', gateway.Lines), StringComparison.Ordinal);
                Assert.True(part is "user-of-the-right-token" || !string.Join('\n', answers).Contains(part, StringComparison.Ordinal), $"An answer has '{part}'.");
            }
        }
    }

    private static async Task<IReadOnlyList<string>> AnswersAsync(Uri gateway, string token)
    {
        using var http = new HttpClient { BaseAddress = gateway };
        var answers = new List<string>();
        foreach (var (name, value) in new[] { ("Authorization", $"Bearer {token}"), ("Cookie", $"messagebus={token}"), ("Sec-WebSocket-Protocol", $"bearer.{token}"), (Keys.Header, Keys.Read), (Keys.Header, WrongKey) })
        {
            foreach (var path in new[] { "/bus", "/api/connections?prefix=x", "/nowhere" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                request.Headers.TryAddWithoutValidation(name, value);
                using var response = await http.SendAsync(request);
                answers.Add($"{response} {await response.Content.ReadAsStringAsync()}");
            }
        }

        return answers;
    }
}
