using System.Net;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Authentication;

/// <summary>Somebody without a right token cannot fill the log, also where everything at Information and above is logged.</summary>
public sealed class RefusedTokenLogTests
{
    [Fact]
    public async Task A_thousand_wrong_tokens_write_at_most_one_line()
    {
        await using var gateway = await GatewayProcess.StartAsync(
            "--urls=http://127.0.0.1:0", "MessageBus__AllowEmbedded=true", $"MessageBus__EmbeddedPort={FreePort.Next()}", $"MessageBus__Jwt__Secret={Tokens.Secret}",
            "MessageBus__Channels__0__Pattern=**", "MessageBus__Channels__0__Subscribe=authenticated", "MessageBus__ApiKeys__0__Key=a-key-of-the-tests-that-nobody-has-0001", "MessageBus__ApiKeys__0__Scopes=read",
            "MessageBus__Limits__MaxHandshakesPerSecondPerAddress=100000", "Serilog__MinimumLevel__Default=Information",
            "Serilog__MinimumLevel__Override__Microsoft.AspNetCore.Authentication=Information", "Serilog__MinimumLevel__Override__Microsoft.IdentityModel=Information");
        using var http = new HttpClient { BaseAddress = gateway.Addresses[0] };
        string[] wrong =
        [
            "x", "a.b.c", Tokens.Hs256(new { sub = "42", exp = Tokens.In(TimeSpan.FromHours(-1)) }), Tokens.Hs256(new { sub = "42", exp = Tokens.In(TimeSpan.FromHours(1)) }, "the secret of somebody else, long enough"),
            Tokens.Hs256(new { sub = "42", aud = "other", exp = Tokens.In(TimeSpan.FromHours(1)) }), Tokens.Make("""{"alg":"none"}""", """{"sub":"42"}""", _ => []),
        ];
        gateway.ReadOn();
        await StatusAsync("/bus", wrong[0]);
        var before = gateway.Lines.Count;

        for (var n = 0; n < 1000; n++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(n % 2 is 0 ? "/bus" : "/api/publish?channel=a", wrong[n % wrong.Length]));
        }

        await gateway.TerminateAsync();
        var lines = gateway.Lines.Skip(before).Where(line => !line.Contains("shutting down", StringComparison.OrdinalIgnoreCase)).ToList();
        Assert.True(lines.Count(line => line.Contains("oken", StringComparison.Ordinal) || line.Contains("uthentic", StringComparison.Ordinal) || line.Contains("IDX", StringComparison.Ordinal)) <= 1, string.Join('\n', lines));
        Assert.InRange(lines.Count, 0, 20);

        async Task<HttpStatusCode> StatusAsync(string path, string token)
        {
            using var request = new HttpRequestMessage(path is "/bus" ? HttpMethod.Get : HttpMethod.Post, path);
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
            using var response = await http.SendAsync(request);
            return response.StatusCode;
        }
    }
}
