using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.CommandLine;

/// <summary><c>health</c>: what the health check of a container runs.</summary>
[Trait("Sockets", "Either")]
public sealed class HealthCommandTests : IDisposable
{
    private readonly TestCertificate _certificate = new();
    private readonly HeldPort _first = new();
    private readonly HeldPort _second = new();
    private readonly HeldPort _nobody = new();

    [Theory]
    [InlineData("http://127.0.0.1:{0}")]
    [InlineData("https://127.0.0.1:{0}")]
    [InlineData("https://localhost:{0}")]
    [InlineData("https://*:{0}")]
    [InlineData("https://0.0.0.0:{0}")]
    [InlineData("https://[::]:{0}")]
    public async Task A_ready_gateway_is_healthy_on_whatever_address_it_listens(string url)
    {
        var settings = Settings(url);
        await using var gateway = await GatewayProcess.StartAsync(settings);

        var health = await GatewayCommand.RunAsync(settings, "health");

        Assert.Equal((0, ""), (health.ExitCode, health.Errors));
        Assert.Contains("Healthy", health.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Https_is_asked_where_plain_HTTP_only_redirects()
    {
        var settings = Settings("http://127.0.0.1:{0};https://127.0.0.1:{1}");
        await using var gateway = await GatewayProcess.StartAsync([.. settings, "MessageBus__HttpsRedirect=true"]);

        Assert.Equal(0, (await GatewayCommand.RunAsync(settings, "health")).ExitCode);
    }

    [Fact]
    public async Task A_gateway_without_its_Redis_is_not()
    {
        string[] settings = [.. Settings("http://127.0.0.1:{0}"), $"ConnectionStrings__Redis={_nobody.Endpoint}"];
        await using var gateway = await GatewayProcess.StartAsync(settings);

        var health = await GatewayCommand.RunAsync(settings, "health");

        Assert.Equal(1, health.ExitCode);
        Assert.Contains("503", health.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://127.0.0.1:{0}", "does not answer")]
    [InlineData("http://127.0.0.1:0", "fixed port")]
    [InlineData("nonsense", "'nonsense'")]
    public async Task What_cannot_be_asked_is_told_in_one_line(string url, string says)
    {
        var health = await GatewayCommand.RunAsync(Settings(url), "health");

        Assert.Equal(1, health.ExitCode);
        Assert.Contains(says, Assert.Single(health.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _first.Dispose();
        _second.Dispose();
        _nobody.Dispose();
    }

    private string[] Settings(string url) =>
    [
        $"ASPNETCORE_URLS={string.Format(System.Globalization.CultureInfo.InvariantCulture, url, _first.Number, _second.Number)}",
        "MessageBus__AllowEmbedded=true",
        "MessageBus__AllowAnonymous=true",
        $"MessageBus__EmbeddedPort={FreePort.Next()}",
        $"MessageBus__Certificate__Path={_certificate.Path}",
        $"MessageBus__Certificate__KeyPath={_certificate.KeyPath}",
    ];
}
