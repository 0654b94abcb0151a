using System.Net.WebSockets;
using MessageBus.IntegrationTests.Support;
using MessageBus.IntegrationTests.Telemetry;

namespace MessageBus.IntegrationTests.Authentication;

/// <summary>
/// Tokens and keys stand in no log at the most talkative level, in no answer, no close reason, no metric and no trace; nor does what a token says.
/// Also not where a client gives them in a wrong place, or in a request that is none.
/// </summary>
public sealed class SilenceTests
{
    private const string User = "user-of-the-right-token";
    private const string WrongKey = "key-of-somebody-else-who-guesses-it";

    private static readonly string[] Talkative =
    [
        "Serilog__MinimumLevel__Default=Verbose", "Serilog__MinimumLevel__Override__Microsoft=Verbose", "Serilog__MinimumLevel__Override__System=Verbose",
        "Serilog__MinimumLevel__Override__Microsoft.AspNetCore.Server.Kestrel.BadRequests=Verbose",
    ];

    private static readonly string Right = Tokens.For(User);
    private static readonly string Wrong = Tokens.Hs256(new { sub = "wrong\r\n{\"level\":\"forged\"}\u001b[2J", exp = Tokens.In(TimeSpan.FromHours(1)) }, "the secret of somebody else, long enough");

    // The header is the same for everybody and says nothing.
    private static readonly string[] Secrets =
        [.. Right.Split('.')[1..], .. Wrong.Split('.')[1..], Tokens.Secret, Keys.Read, Keys.Publish, Keys.Admin, Keys.AdminSha256, WrongKey, "forged"];

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Neither_right_nor_wrong_tokens_and_keys_are_told_to_anybody(string ownSockets)
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            [.. Talkative, .. Keys.Variables, "--urls=http://127.0.0.1:0", "MessageBus__AllowEmbedded=true", $"MessageBus__EmbeddedPort={FreePort.Next()}", $"MessageBus__Jwt__Secret={Tokens.Secret}", $"MessageBus__OwnSockets={ownSockets}",
                "MessageBus__Channels__0__Pattern=**", "MessageBus__Channels__0__Subscribe=authenticated", "MessageBus__Channels__0__Publish=authenticated",
                "MessageBus__MetricsPort=0", $"OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_METRIC_EXPORT_INTERVAL=200", "OTEL_BSP_SCHEDULE_DELAY=200"]);
        gateway.ReadOn();
        var answers = new List<string>();

        foreach (var token in new[] { Right, Wrong })
        {
            answers.AddRange(await AnswersOnTheSocketAsync(gateway.Bus, token));
            answers.AddRange(await AnswersAsync(gateway.Addresses[0], token));
            answers.AddRange(await AnswersToWhatIsNoRequestAsync(gateway.Addresses[0], token));
        }

        var metrics = await MetricsAsync(gateway.Metrics);
        await Eventually.TrueAsync(
            () => collector.Has("/v1/traces", "publish", "silence/trace") && collector.Has("/v1/metrics", "messagebus.commands"), "the collector has a trace and metrics");
        await gateway.TerminateAsync();

        // It would show nothing if nothing had been logged, counted and traced.
        Assert.Contains(gateway.Lines, line => line.Contains("\"Level\":\"Verbose\"", StringComparison.Ordinal));
        Assert.Contains(gateway.Lines, line => line.Contains("A token was refused: WrongSignature", StringComparison.Ordinal));
        Assert.Contains(gateway.Lines, line => line.Contains("?...", StringComparison.Ordinal));
        Assert.All(metrics, format => Assert.Contains("messagebus_handshakes_rejected_total{http_response_status_code=\"401\"}", format, StringComparison.Ordinal));
        string[] told = [string.Join('\n', gateway.Lines), .. metrics, collector.AllText()];
        Assert.All(Secrets, secret => Assert.All(told.Append(string.Join('\n', answers)), text => Assert.DoesNotContain(secret, text, StringComparison.Ordinal)));

        // The user is told to itself.
        Assert.All(told, text => Assert.DoesNotContain(User, text, StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<string>> AnswersOnTheSocketAsync(Uri bus, string token)
    {
        var answers = new List<string>();
        await using var client = await BusClient.OpenAsync(bus);
        try
        {
            await client.SendAsync(new { type = "connect", id = 1, token });
            await client.SendAsync(new { type = "refresh", id = 2, token });
            await client.SendAsync(new { type = "refresh", id = 3, token = Wrong });
            await client.SendAsync(new { type = "publish", id = 4, channel = $"* {token}", payload = token });
            await client.SendTextAsync($$"""{"token":"{{token}}"}""");
        }
        catch (WebSocketException)
        {
            // With the wrong one it is closed at the first of these.
        }

        await client.ExpectCloseAsync();
        answers.Add($"{client.CloseText}");
        while (!client.IsQuiet)
        {
            answers.Add((await client.NextAsync()).ToString());
        }

        try
        {
            await using var offered = await BusClient.OpenAsync(bus, subprotocols: ["messagebus.v1.json", $"bearer.{token}"]);
        }
        catch (WebSocketException)
        {
            // The wrong one is answered 401.
        }

        return answers;
    }

    private static async Task<IReadOnlyList<string>> AnswersAsync(Uri gateway, string token)
    {
        using var http = new HttpClient { BaseAddress = gateway };
        var answers = new List<string>();
        foreach (var (name, value) in new[]
        {
            ("Authorization", $"Bearer {token}"), ("Cookie", $"messagebus={token}"), ("Sec-WebSocket-Protocol", $"bearer.{token}"), (Keys.Header, Keys.Read), (Keys.Header, Keys.Publish), (Keys.Header, WrongKey),
            ("Authorization", $"Bearer {Keys.Read}"), ("Authorization", $"Bearer {Keys.Admin}"), ("Authorization", $"Bearer {WrongKey}"),
        })
        {
            foreach (var call in new[]
            {
                "GET /bus", "GET /api/connections?prefix=x", "GET /nowhere", "POST /api/publish?channel=silence/trace", "POST /api/publish?channel=*", "DELETE /api/connections/c-x", "GET /api/key", "GET /api/gateways", "GET /api/tap?channel=*", "GET /metrics",
                $"GET /bus?access_token={token}&X-Api-Key={Keys.Admin}",
            })
            {
                using var request = new HttpRequestMessage(new HttpMethod(call.Split(' ')[0]), call.Split(' ')[1]);
                request.Headers.TryAddWithoutValidation(name, value);
                using var response = await http.SendAsync(request);
                answers.Add($"{response} {await response.Content.ReadAsStringAsync()}");
            }
        }

        return answers;
    }

    /// <summary>The server itself refuses them, and likes to say what it could not read.</summary>
    private static async Task<IReadOnlyList<string>> AnswersToWhatIsNoRequestAsync(Uri gateway, string token)
    {
        var upgrade = RawHttp.Upgrade();
        var answers = new List<string>();
        foreach (var request in new[]
        {
            $"{upgrade}Authorization : Bearer {token}\r\n\r\n", $"{upgrade}Authorization: Bearer {token}\0\r\n\r\n", $"{upgrade}Bearer {token}\r\n\r\n", $"{upgrade}Content-Length: {token}\r\n\r\n",
            $"{upgrade}Host: {Keys.Read}\r\n\r\n", $"{upgrade}{Keys.Header} : {Keys.Read}\r\n\r\n", $"{upgrade}Authorization : Bearer {Keys.Admin}\r\n\r\n", $"{upgrade}{Keys.Read}\r\n\r\n", $"GET /bus {token}\r\n\r\n", $"{token}\r\n\r\n",
            $"{upgrade}Cookie: messagebus={token}\u007f\r\n\r\n", $"{upgrade}Transfer-Encoding: {token}\r\n\r\n",
        })
        {
            answers.Add(await RawHttp.HeadOfAnswerAsync(gateway, request));
        }

        return answers;
    }

    /// <summary>In both formats.</summary>
    private static async Task<IReadOnlyList<string>> MetricsAsync(Uri metrics)
    {
        using var http = new HttpClient();
        var text = await http.GetStringAsync(metrics);
        http.DefaultRequestHeaders.TryAddWithoutValidation("Accept", Scrape.Accept);
        var openMetrics = await http.GetStringAsync(metrics);
        Assert.EndsWith("# EOF\n", openMetrics, StringComparison.Ordinal);
        return [text, openMetrics];
    }
}
