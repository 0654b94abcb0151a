using System.Globalization;
using System.Text.RegularExpressions;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Containers;

/// <summary>What docker-compose.yml and the Dockerfile promise an operator, without an engine.</summary>
[Trait("Sockets", "Either")]
public sealed partial class ComposeFileTests
{
    [Fact]
    public async Task Every_service_runs_without_rights_on_a_read_only_image_of_a_named_version()
    {
        var compose = await ComposeFile.ReadAsync();

        Assert.All(compose.Services, service =>
        {
            Assert.Equal("True", service.Text("read_only"), ignoreCase: true);
            Assert.Equal(["ALL"], service.Texts("cap_drop"));
            Assert.Contains("no-new-privileges:true", service.Texts("security_opt"));
            Assert.Empty(service.Texts("cap_add"));
            Assert.False(service.Text("privileged") is "true" or "True");
            Assert.Matches(":[a-z0-9.-]+$", service.Image);
            Assert.DoesNotContain(":latest", service.Image, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Only_the_gateway_and_the_balancer_are_reached_from_other_machines()
    {
        var compose = await ComposeFile.ReadAsync();

        Assert.Equal([("443", "443"), ("80", "80")], compose["gateway"].Ports);
        Assert.Equal(["gateway", "haproxy"], compose.Services.Where(service => service.Ports.Any(port => !port.Published.StartsWith("127.0.0.1:", StringComparison.Ordinal))).Select(service => service.Name).Order(StringComparer.Ordinal));
        Assert.Equal("none", compose["setup"].Text("network_mode"));
    }

    [Theory]
    [InlineData("gateway")]
    [InlineData("gateway-2")]
    [InlineData("gateway-3")]
    public async Task A_gateway_has_the_sockets_and_the_time_that_it_needs(string name)
    {
        var gateway = (await ComposeFile.ReadAsync())[name];
        var options = new MessageBusOptions();

        Assert.Equal("262144", gateway.Text("ulimits", "nofile", "soft"));
        Assert.Equal("262144", gateway.Text("ulimits", "nofile", "hard"));
        Assert.True(Seconds(gateway.Text("stop_grace_period")) > options.Drain.Timeout.TotalSeconds + 10, gateway.Text("stop_grace_period"));
    }

    [Fact]
    public async Task No_secret_stands_in_the_file_and_only_setup_writes_them()
    {
        var compose = await ComposeFile.ReadAsync();

        Assert.All(compose.Services, service => Assert.DoesNotContain(service.Environment.Keys, key => SecretName().IsMatch(key)));
        Assert.All(compose.Services.Where(service => service.Name is not "setup"), service => Assert.All(
            service.Volumes.Where(volume => volume.Target.StartsWith("/run/", StringComparison.Ordinal)), volume => Assert.True(volume.ReadOnly, $"{service.Name} {volume.Target}")));
    }

    [Fact]
    public async Task Every_file_that_is_mounted_is_in_the_repository()
    {
        var files = (await ComposeFile.ReadAsync()).Services.SelectMany(service => service.Volumes).Where(volume => volume.Source.Contains('/', StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.True(Path.Exists(file.Source), file.Source));
    }

    [Theory]
    [InlineData("name:")]
    [InlineData("version:")]
    [InlineData("start_interval")]
    [InlineData("develop:")]
    public async Task Keys_that_one_of_the_two_composes_does_not_know_are_not_used(string key)
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(GatewayProcess.RepositoryRoot, "docker-compose.yml"));

        Assert.DoesNotContain(lines, line => line.StartsWith(key, StringComparison.Ordinal) || line.TrimStart().StartsWith("start_interval", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_image_runs_as_nobody_in_particular_and_checks_itself()
    {
        var compose = await ComposeFile.ReadAsync();
        var dockerfile = await File.ReadAllTextAsync(Path.Combine(GatewayProcess.RepositoryRoot, "src", "MessageBus.Gateway", "Dockerfile"));

        Assert.Contains("\nUSER 1654:1654\n", dockerfile, StringComparison.Ordinal);
        Assert.Equal("1654:1654", compose["redis"].Text("user"));
        Assert.Contains("""CMD ["dotnet", "/app/MessageBus.Gateway.dll", "health",""", dockerfile, StringComparison.Ordinal);
        Assert.Contains("DOTNET_GCgen0size=0x200000", dockerfile, StringComparison.Ordinal);
        Assert.Contains("-p:PublishReadyToRun=true", dockerfile, StringComparison.Ordinal);

        // docker build and docker-compose build use the same bases.
        Assert.Contains($"SDK_IMAGE={compose["setup"].Text("build", "args", "SDK_IMAGE")}\n", dockerfile, StringComparison.Ordinal);
        Assert.Contains($"RUNTIME_IMAGE={compose["setup"].Text("build", "args", "RUNTIME_IMAGE")}\n", dockerfile, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_image_is_built_by_one_service_and_pulled_by_none_that_uses_it()
    {
        var compose = await ComposeFile.ReadAsync();

        // Compose v2 builds at once what several services build: the second cannot name its image as the first did. And what is not built here yet is nowhere to be pulled from.
        var builder = Assert.Single(compose.Services, service => service.Text("build", "context").Length > 0);
        Assert.All(
            compose.Services.Where(service => service.Image == builder.Image && service.Name != builder.Name),
            service => Assert.Equal("never", service.Text("pull_policy")));
        Assert.Equal(builder.Image, compose["gateway"].Image);
    }

    /// <summary>As 1.29 writes it (40s), and v2 (40s, 1m0s).</summary>
    private static double Seconds(string duration)
    {
        var parts = Duration().Match(duration);
        return (60 * Number(parts.Groups[1])) + Number(parts.Groups[2]);

        static double Number(Group group) => group.Success ? double.Parse(group.Value, CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex("^(?:([0-9]+)m)?(?:([0-9]+)s)?$")]
    private static partial Regex Duration();

    [GeneratedRegex("secret|password|ConnectionStrings", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();
}
