using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.CommandLine;

/// <summary><c>config check</c> and <c>config print</c>.</summary>
[Trait("Sockets", "Either")]
public sealed class ConfigCommandTests
{
    [Fact]
    public async Task A_right_configuration_is_called_right()
    {
        string[] settings = [.. Keys.Variables, $"MessageBus__Jwt__Secret={Tokens.Secret}", "MessageBus__Channels__0__Pattern=user/{user}", "ConnectionStrings__Redis=localhost:6379", "ASPNETCORE_URLS=http://127.0.0.1:0"];

        var command = await GatewayCommand.RunAsync(settings, "config", "check");

        Assert.Equal((0, "The configuration is right (Production).\n", ""), (command.ExitCode, command.Output, command.Errors));
    }

    [Fact]
    public async Task Every_problem_is_said_and_the_exit_code_is_1()
    {
        string[] settings =
        [
            "MessageBus__Jwt__Secret=short", "MessageBus__Channels__0__Pattern=**", "MessageBus__Channels__0__Subscribe=everyone", "MessageBus__MaxBacklogByte=1", "MessageBus__Certificate__Pth=x",
            "MessageBus__Limits__PingInterval=soon", "MessageBus__AllowEmbedded=perhaps", "MessageBus__AllowAnonymous=maybe", "MessageBus__EmbeddedPort=70000", "MessageBus__Limits__MaxPayloadBytes=0",
            "MessageBus__Proxies__0=everywhere", "MessageBus__MetricsPort=70000", "ASPNETCORE_URLS=https://127.0.0.1:0",
            "MessageBus__Jwt__Issur=x", "MessageBus__Jwt__PublicKeys__0__Path=/nowhere/key.pem", "MessageBus__Jwt__PublicKeys__1__Id=k", "MessageBus__Jwt__JwksUrl=http://login.example.com/keys", "MessageBus__Jwt__Algorithms__0=none",
        ];

        var command = await GatewayCommand.RunAsync(settings, "config", "check");

        Assert.Equal(1, command.ExitCode);
        string[] named =
        [
            "'MessageBus:Jwt:Secret'", "'MessageBus:Channels:0:Subscribe' is 'everyone'", "'MessageBus:MaxBacklogByte'", "'MessageBus:Certificate:Pth'", "MessageBus:Limits:PingInterval", "MessageBus:AllowEmbedded",
            "MessageBus:AllowAnonymous", "'MessageBus:EmbeddedPort'", "'MessageBus:Limits:MaxPayloadBytes'", "'MessageBus:Proxies' has 'everywhere'", "'MessageBus:ApiKeys' is empty", "'ConnectionStrings:Redis' is empty",
            "there is an https address but no certificate", "'MessageBus:MetricsPort'", "'MessageBus:Jwt:Issur'", "'MessageBus:Jwt:PublicKeys:0:Path' names a file", "'MessageBus:Jwt:PublicKeys:1' needs",
            "'MessageBus:Jwt:JwksUrl' is no https address", "'MessageBus:Jwt:JwksUrl' needs", "'MessageBus:Jwt:Algorithms' has 'none'",
        ];
        Assert.All(named, key => Assert.Contains(key, command.Errors, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(named.Length, command.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.DoesNotContain("short", command.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'MessageBus:Jwt' is not set", "MessageBus__AllowEmbedded=true")]
    [InlineData("'MessageBus:Channels' is empty", "MessageBus__Jwt__Secret=short")]
    [InlineData("'MessageBus:ApiKeys' is empty", "MessageBus__Jwt__Secret=short")]
    [InlineData("'ConnectionStrings:Redis' is empty", "MessageBus__Jwt__Secret=" + Tokens.Secret)]
    [InlineData("'MessageBus:Certificate:Path'", "MessageBus__AllowEmbedded=true", "MessageBus__Channels__0__Pattern=**", "MessageBus__ApiKeys__0__Scopes=read", "MessageBus__ApiKeys__0__Key=" + Keys.Read, "MessageBus__Jwt__Secret=" + Tokens.Secret, "ASPNETCORE_URLS=https://127.0.0.1:0")]
    [InlineData("'MessageBus:Channels' is empty", "MessageBus__AllowEmbedded=true", "MessageBus__Jwt__Secret=" + Tokens.Secret, "ASPNETCORE_URLS=http://127.0.0.1:0")]
    [InlineData("'MessageBus:Channels:0:Subscribe'", "MessageBus__AllowEmbedded=true", "MessageBus__Channels__0__Pattern=a", "MessageBus__Channels__0__Subscribe=everyone", "MessageBus__Jwt__Secret=" + Tokens.Secret, "ASPNETCORE_URLS=http://127.0.0.1:0")]
    [InlineData("noSuchOption", "ConnectionStrings__Redis=localhost,noSuchOption=1", "MessageBus__Jwt__Secret=" + Tokens.Secret, "ASPNETCORE_URLS=http://127.0.0.1:0")]
    [InlineData("'nonsense'", "MessageBus__AllowEmbedded=true", "MessageBus__Jwt__Secret=" + Tokens.Secret, "ASPNETCORE_URLS=nonsense")]
    public async Task What_would_stop_the_start_is_found_without_starting(string says, params string[] settings)
    {
        var command = await GatewayCommand.RunAsync(settings, "config", "check");

        Assert.Equal(1, command.ExitCode);
        Assert.Contains(says, command.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_setting_is_printed_with_its_source_and_no_secret()
    {
        string[] settings =
        [
            .. Keys.Variables, $"MessageBus__Jwt__Secret={Tokens.Secret}", "MessageBus__Certificate__Password=hunter2", "ConnectionStrings__Redis=localhost:6379, password = topsecret,ssl=true",
            "MessageBus__Jwt__PublicKeys__0__Id=2026-01", "MessageBus__Channels__0__Pattern=news/**", "MessageBus__AutoSubscribe__0=user/{user}",
        ];

        var command = await GatewayCommand.RunAsync(settings, "config", "print", "--MessageBus:Limits:PingInterval=00:00:10");

        Assert.Equal(0, command.ExitCode);
        var lines = command.Output.Split('\n');
        Assert.Contains("Environment: Production", lines);
        Assert.Contains("MessageBus:Jwt:Secret = ******** (environment variable MessageBus__Jwt__Secret)", lines);
        Assert.Contains("MessageBus:Certificate:Password = ******** (environment variable MessageBus__Certificate__Password)", lines);
        Assert.Contains("ConnectionStrings:Redis = localhost:6379, password =********,ssl=true (environment variable ConnectionStrings__Redis)", lines);
        Assert.Contains("MessageBus:Jwt:PublicKeys:0:Id = 2026-01 (environment variable MessageBus__Jwt__PublicKeys__0__Id)", lines);
        Assert.Contains("MessageBus:Channels:0:Pattern = news/** (environment variable MessageBus__Channels__0__Pattern)", lines);
        Assert.Contains("MessageBus:Channels:0:Subscribe = (none) (default)", lines);
        Assert.Contains("MessageBus:AutoSubscribe:0 = user/{user} (environment variable MessageBus__AutoSubscribe__0)", lines);
        Assert.Contains("MessageBus:AllowedOrigins = (none) (default)", lines);
        Assert.Contains("MessageBus:ApiKeys:0:Name = backend (environment variable MessageBus__ApiKeys__0__Name)", lines);
        Assert.Contains("MessageBus:ApiKeys:0:Key = ******** (environment variable MessageBus__ApiKeys__0__Key)", lines);
        Assert.Contains("MessageBus:ApiKeys:2:Sha256 = ******** (environment variable MessageBus__ApiKeys__2__Sha256)", lines);
        Assert.Contains("MessageBus:Limits:PingInterval = 00:00:10 (command line)", lines);
        Assert.Contains("MessageBus:Limits:MaxBacklogBytes = 1048576 (default)", lines);
        Assert.Contains("MessageBus:AllowAnonymous = False (default)", lines);
        Assert.Contains("MessageBus:Jwt:Issuer = (none) (default)", lines);
        Assert.All(["hunter2", "topsecret", Tokens.Secret, Keys.Publish, Keys.Read, Keys.AdminSha256], secret => Assert.DoesNotContain(secret, command.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_is_named_as_the_source()
    {
        var command = await GatewayCommand.RunAsync([], "config", "print");

        Assert.Contains("ConnectionStrings:Redis = (none: the embedded broker) (appsettings.json)", command.Output.Split('\n'));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("config")]
    [InlineData("token")]
    [InlineData("config", "chekc")]
    public async Task A_command_that_is_none_does_not_start_the_gateway(params string[] arguments)
    {
        var command = await GatewayCommand.RunAsync(["DOTNET_ENVIRONMENT=Development"], arguments);

        Assert.Equal(1, command.ExitCode);
        Assert.NotEmpty(command.Errors);
    }
}
