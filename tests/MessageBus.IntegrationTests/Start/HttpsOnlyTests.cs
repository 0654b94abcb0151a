using System.Net;
using System.Net.Sockets;
using System.Text;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Start;

/// <summary>What plain HTTP is for where HTTPS is served.</summary>
public sealed class HttpsOnlyTests
{
    private const string Plain = "/api/channels?prefix=orders/42&x=%20%2F";

    [Theory]
    [InlineData("443", "https://gateway.test" + Plain)]
    [InlineData("8443", "https://gateway.test:8443" + Plain)]
    public async Task Plain_requests_are_sent_to_https_with_their_path_and_query(string port, string location)
    {
        await using var gateway = Start(("MessageBus:HttpsRedirect", "true"), ("MessageBus:HttpsPort", port));
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post })
        {
            using var response = await SendAsync(gateway.Http, method, Plain);

            // 308, so that a POST stays one.
            Assert.Equal(HttpStatusCode.PermanentRedirect, response.StatusCode);
            Assert.Equal(location, response.Headers.Location!.OriginalString);
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/bus")]
    [InlineData("/bus/client.js")]
    [InlineData("/health/ready")]
    [InlineData("/playground.json")]
    public async Task Nothing_is_served_over_plain_HTTP(string path)
    {
        await using var gateway = Start(("MessageBus:HttpsRedirect", "true"));

        using var response = await SendAsync(gateway.Http, HttpMethod.Get, path);

        Assert.Equal(HttpStatusCode.PermanentRedirect, response.StatusCode);
    }

    [Fact]
    public async Task A_request_that_names_no_host_is_not_redirected_to_nowhere()
    {
        await using var gateway = Start(("MessageBus:HttpsRedirect", "true"));
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(gateway.Http.Host, gateway.Http.Port);

        await tcp.GetStream().WriteAsync("GET /api/channels HTTP/1.0\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(tcp.GetStream(), Encoding.ASCII);
        var answer = await Eventually.ResultAsync(reader.ReadToEndAsync(), "the answer ends");

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Location", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Addresses_of_the_operators_own_are_served_as_they_are()
    {
        await using var gateway = Start(("environment", "Production"), ("MessageBus:AllowEmbedded", "true"), ("MessageBus:AllowAnonymous", "true"), ("urls", "http://127.0.0.1:0"));

        Assert.Equal(HttpStatusCode.OK, await gateway.StatusOfAsync("/health/ready"));
    }

    [Fact]
    public async Task Browsers_are_told_to_keep_to_https_only_where_that_is_configured()
    {
        await using var silent = Start();
        await using var strict = Start(("MessageBus:HstsMaxAge", "365.00:00:00"), ("MessageBus:HstsIncludeSubDomains", "true"));

        using var unsaid = await SendAsync(silent.Https, HttpMethod.Get, "/health/live");
        using var said = await SendAsync(strict.Https, HttpMethod.Get, "/health/live");
        using var overPlain = await SendAsync(strict.Http, HttpMethod.Get, "/health/live");
        using var toMachine = await SendAsync(strict.Https, HttpMethod.Get, "/health/live", host: "localhost");

        Assert.Equal("max-age=31536000; includeSubDomains", Assert.Single(said.Headers.GetValues("Strict-Transport-Security")));
        Assert.All([unsaid, overPlain, toMachine], response => Assert.False(response.Headers.Contains("Strict-Transport-Security")));
    }

    [Fact]
    public async Task Challenges_of_a_certificate_authority_are_answered_over_plain_HTTP_and_nothing_beside_them()
    {
        var folder = Directory.CreateTempSubdirectory("messagebus-acme-");
        try
        {
            var challenges = folder.CreateSubdirectory(".well-known/acme-challenge");
            File.WriteAllText(Path.Combine(folder.FullName, "secret"), "not for you");
            await using var gateway = Start(("MessageBus:HttpsRedirect", "true"), ("MessageBus:AcmeFolder", folder.FullName));
            File.WriteAllText(Path.Combine(challenges.FullName, "to-ken_1"), "to-ken_1.proof");

            using var answer = await SendAsync(gateway.Http, HttpMethod.Get, "/.well-known/acme-challenge/to-ken_1");
            using var unknown = await SendAsync(gateway.Http, HttpMethod.Get, "/.well-known/acme-challenge/other");
            using var outside = await SendAsync(gateway.Http, HttpMethod.Get, "/.well-known/acme-challenge/..%2f..%2fsecret");
            using var beside = await SendAsync(gateway.Http, HttpMethod.Get, "/secret");

            Assert.Equal("to-ken_1.proof", await answer.Content.ReadAsStringAsync());
            Assert.All([unknown, outside, beside], response => Assert.Equal(HttpStatusCode.PermanentRedirect, response.StatusCode));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>One that answers to any host name, as outside Development.</summary>
    private static GatewayApp Start(params (string Key, string Value)[] settings) => GatewayApp.Start([("AllowedHosts", "*"), .. settings]);

    private static async Task<HttpResponseMessage> SendAsync(Uri gateway, HttpMethod method, string path, string host = "gateway.test")
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } });
        using var request = new HttpRequestMessage(method, new Uri(gateway, path)) { Headers = { Host = host } };
        return await http.SendAsync(request);
    }
}
