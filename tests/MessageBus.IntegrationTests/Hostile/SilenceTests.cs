using System.Net;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Hostile;

/// <summary>
/// What a client is told of the gateway's inside when something goes wrong: nothing. In Development, where frameworks like to tell more, and with a Redis
/// that was there and is gone.
/// </summary>
public sealed class SilenceTests
{
    private const string Password = "a-password-of-the-test";

    [Fact]
    public async Task No_answer_has_a_host_a_port_a_stack_or_the_text_of_Redis()
    {
        await using var redis = await RedisServerProcess.StartAsync("--requirepass", Password);
        await using var gateway = await SeparateGateway.StartAsync($"ConnectionStrings__Redis={redis.Endpoint},password={Password}");
        var told = new List<string>();

        await AskAsync(gateway, told, brokerIsUp: true);
        await redis.KillAsync();
        await Eventually.TrueAsync(async () => await StatusOfReadyAsync(gateway) is HttpStatusCode.ServiceUnavailable, "the gateway has noticed");
        await AskAsync(gateway, told, brokerIsUp: false);

        Assert.Contains(told, text => text.Contains("unavailable", StringComparison.Ordinal));
        string[] secrets =
        [
            Password, $":{redis.Port}", "127.0.0.1", "StackExchange", "Exception", "NOAUTH", "Redis", "   at ", ".cs", ".dll", "System.", "Microsoft.", "Kestrel", GatewayProcess.RepositoryRoot,
        ];
        Assert.All(told, text => Assert.All(secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task A_body_that_breaks_off_or_breaks_HTTP_is_the_clients_error_and_no_news_for_the_log()
    {
        await using var gateway = await SeparateGateway.StartAsync();
        const string Post = "POST /api/publish?channel=a HTTP/1.1\r\nHost: localhost\r\n";

        var badChunk = await RawHttp.AnswerAsync(gateway.Addresses[0], $"{Post}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n");
        for (var n = 0; n < 20; n++)
        {
            using var resets = new RawHttp();
            await resets.SendAsync(gateway.Addresses[0], $"{Post}Content-Length: 1000\r\n\r\nhalf");
            resets.Reset();
            using var ends = new RawHttp();
            await ends.SendAsync(gateway.Addresses[0], $"{Post}Content-Length: 1000\r\n\r\nhalf");
        }

        await GoodClient.IsServedAtAsync(gateway.Bus);
        await gateway.TerminateAsync();
        Assert.StartsWith("HTTP/1.1 400 ", badChunk, StringComparison.Ordinal);
        Assert.Contains("Broken request", badChunk, StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Lines, line => line.Contains(" ERR ", StringComparison.Ordinal) || line.Contains("Exception", StringComparison.Ordinal));
    }

    private static async Task AskAsync(GatewayProcess gateway, List<string> told, bool brokerIsUp)
    {
        await using (var client = await BusClient.ConnectAsync(gateway.Bus))
        {
            foreach (var command in new[]
            {
                """{"type":"subscribe","id":1,"channel":"silence"}""", """{"type":"publish","id":2,"channel":"silence","payload":"x"}""", """{"type":"subscribe","id":3,"channel":"*"}""",
                """{"type":"dance","id":4}""", """{"type":"unsubscribe","id":5,"channel":"never"}""", """{"type":"publish","id":6,"channel":"a","base64":"%"}""",
            })
            {
                await client.SendTextAsync(command);
            }

            await client.SendTextAsync("bad");
            Assert.Equal(4400, await client.ExpectCloseAsync());
            told.Add(client.CloseText!);
            while (!client.IsQuiet)
            {
                told.Add((await client.NextAsync()).GetRawText());
            }

            Assert.Equal(brokerIsUp, !told.Any(text => text.Contains("\"unavailable\"", StringComparison.Ordinal)));
        }

        var upgrade = RawHttp.Upgrade();
        foreach (var request in new[]
        {
            "GET /nowhere HTTP/1.1", "GET /bus HTTP/1.1", "PUT /bus HTTP/1.1", "DELETE /api/publish HTTP/1.1", "POST /api/publish?channel=* HTTP/1.1", "POST /api/publish?channel=a HTTP/1.1",
            "GET /health/ready HTTP/1.1", "GET /health/live HTTP/1.1", "GET /bus/../appsettings.json HTTP/1.1", "GET /bus/%2e%2e/MessageBus.Gateway.dll HTTP/1.1", "GET / HTTP/9.9", "nonsense",
            "POST /api/publish?channel=a HTTP/1.1\r\nTransfer-Encoding: chunked", "POST /api/publish?channel=a HTTP/1.1\r\nContent-Length: 1000000", "TRACE / HTTP/1.1", "OPTIONS * HTTP/1.1",
            $"GET /{new string('x', 9000)} HTTP/1.1", $"GET / HTTP/1.1\r\nX-A: {new string('x', 40_000)}",
        })
        {
            told.Add(await RawHttp.AnswerAsync(gateway.Addresses[0], $"{request}\r\nHost: localhost\r\nConnection: close\r\n\r\nzz\r\n"));
        }

        told.Add(await RawHttp.HeadOfAnswerAsync(gateway.Addresses[0], $"{upgrade}Sec-WebSocket-Protocol: chat\r\n\r\n"));
        told.Add(await RawHttp.HeadOfAnswerAsync(gateway.Addresses[0], $"{upgrade}Origin: https://evil.example\r\n\r\n"));
        told.Add(await RawHttp.HeadOfAnswerAsync(gateway.Addresses[0], upgrade.Replace("Version: 13", "Version: 99", StringComparison.Ordinal) + "\r\n"));
        Assert.All(told, text => Assert.NotEqual("", text));
    }

    private static async Task<HttpStatusCode> StatusOfReadyAsync(GatewayProcess gateway)
    {
        using var http = new HttpClient { BaseAddress = gateway.Addresses[0] };
        using var response = await http.GetAsync("/health/ready");
        return response.StatusCode;
    }
}
