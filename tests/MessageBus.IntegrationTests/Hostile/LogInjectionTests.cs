using System.Text.Json;
using System.Text.RegularExpressions;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Hostile;

/// <summary>What a client sends may be logged, but can neither begin a line of the log nor command the terminal that shows it.</summary>
public sealed partial class LogInjectionTests
{
    private static readonly string[] Verbose = ["Serilog__MinimumLevel__Default=Verbose", "Serilog__MinimumLevel__Override__Microsoft=Verbose", "Serilog__MinimumLevel__Override__System=Verbose"];

    [Theory]
    [InlineData("Development")]
    [InlineData("Production")]
    public async Task Control_characters_of_a_client_are_visible_in_the_log(string environment)
    {
        await using var gateway = await GatewayProcess.StartAsync(
            [.. Verbose, $"DOTNET_ENVIRONMENT={environment}", "--urls=http://127.0.0.1:0", "MessageBus__AllowEmbedded=true", "MessageBus__AllowAnonymous=true", $"MessageBus__EmbeddedPort={FreePort.Next()}"]);
        var reading = gateway.ReadLineWithAsync("/the-end-of-the-test");

        foreach (var target in new[] { "/a%0d%0a23:59:59%20ERR%20forged%1b%5b31m", "/bus/%0aforged%1b%5b2J", "/api/channels?prefix=%0d%0aforged", "/api/publish?channel=%0aforged", "/forged%e2%80%ae%c2%9b%7f" })
        {
            await RawHttp.HeadOfAnswerAsync(gateway.Addresses[0], RawHttp.Upgrade(target) + "\r\n");
            await RawHttp.HeadOfAnswerAsync(gateway.Addresses[0], RawHttp.Upgrade(target).Replace("GET", "POST", StringComparison.Ordinal) + "\r\n");
        }

        foreach (var header in new[]
        {
            "Origin: http://forged\u001b[31m", "User-Agent: forged\u007f\u001b[2J", "Content-Type: forged\u009b", "Sec-WebSocket-Protocol: forged\u001b[31m", "X-A: a\r\rforged", "Cookie: a=\u001bforged",
            "Authorization: Bearer \u001bforged",
        })
        {
            await RawHttp.HeadOfAnswerAsync(gateway.Addresses[0], $"{RawHttp.Upgrade()}{header}\r\n\r\n");
        }

        await using (var client = await BusClient.ConnectAsync(gateway.Bus))
        {
            await client.SendTextAsync("""{"type":"forged\r\n\u001b[31m","id":1,"channel":"\r\nforged\u001b"}""");
            await client.ExpectErrorAsync();
            await client.SendTextAsync("""{"type":"subscribe","id":1,"channel":"\r\n23:59:59 ERR forged\u001b"}""");
            await client.ExpectErrorAsync();
            await client.SendTextAsync("forged\r\n23:59:59 ERR forged\u001b[31m");
            await client.ExpectCloseAsync();
        }

        await RawHttp.HeadOfAnswerAsync(gateway.Addresses[0], "GET /the-end-of-the-test HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await reading;

        // The test would show nothing if nothing of it were logged.
        Assert.Contains(gateway.Lines, line => line.Contains("forged", StringComparison.Ordinal));
        Assert.All(gateway.Lines, line => Assert.False(line.Any(letter => char.IsControl(letter) || letter is '\u202e'), $"A control character in: {line}"));
        Assert.All(gateway.Lines, line => Assert.True(environment is "Production" ? IsJson(line) : IsLineOfOurs(line), $"Not a line of the gateway's own: {line}"));
    }

    private static bool IsJson(string line) => JsonSerializer.Deserialize<JsonElement>(line).ValueKind is JsonValueKind.Object;

    /// <summary>Begins with time and level, or belongs to an exception; and what was forged stands in neither place.</summary>
    private static bool IsLineOfOurs(string line) => !ForgedBeginning().IsMatch(line) && (Beginning().IsMatch(line) || !line.Contains("forged", StringComparison.Ordinal) || line.StartsWith("Microsoft.", StringComparison.Ordinal));

    [GeneratedRegex("^[0-9:]{8} [A-Z]{3} ")]
    private static partial Regex Beginning();

    [GeneratedRegex("^(23:59:59|[0-9:]{8} [A-Z]{3} forged|forged)")]
    private static partial Regex ForgedBeginning();
}
