using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Start;

/// <summary>Settings in files of their own, as Docker and Kubernetes mount secrets.</summary>
public sealed class SecretFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("messagebus-secrets-");

    [Fact]
    public async Task A_file_counts_more_than_the_settings_file_and_less_than_the_environment()
    {
        Write("MessageBus__Limits__PingInterval", "00:00:07\n");
        Write("MessageBus__Limits__CloseTimeout", "00:00:03");
        Write("Serilog__MinimumLevel", "Warning");

        var printed = (await GatewayCommand.RunAsync([Folder, "MessageBus__Limits__CloseTimeout=00:00:04"], "config", "print")).Output;

        Assert.Contains("MessageBus:Limits:PingInterval = 00:00:07 (secret file MessageBus__Limits__PingInterval)", printed, StringComparison.Ordinal);
        Assert.Contains("MessageBus:Limits:CloseTimeout = 00:00:04 (environment variable MessageBus__Limits__CloseTimeout)", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_names_no_setting_stops_the_start()
    {
        Write("MessageBus__PingIntervall", "00:00:07");

        var errors = await GatewayProcess.FailToStartAsync("DOTNET_ENVIRONMENT=Development", "--urls=http://127.0.0.1:0", Folder);

        Assert.Contains("'MessageBus:PingIntervall'", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MessageBus__Jwt__Secret", "MessageBus:Jwt")]
    [InlineData("MessageBus__ApiKeys__0__Key", "'MessageBus:ApiKeys:0' needs either 'Key'")]
    [InlineData("ConnectionStrings__Redis", "'ConnectionStrings:Redis' is empty")]
    public async Task A_secret_that_is_empty_stops_the_start_and_is_named(string name, string says)
    {
        Write("MessageBus__Jwt__Secret", Tokens.Secret);
        Write("MessageBus__ApiKeys__0__Key", Keys.Admin);
        Write("MessageBus__ApiKeys__0__Scopes", "admin");
        Write("ConnectionStrings__Redis", "127.0.0.1:1,password=of-redis");
        Write(name, "");

        var errors = await GatewayProcess.FailToStartAsync("--urls=http://127.0.0.1:0", "MessageBus__Channels__0__Pattern=news", "MessageBus__Channels__0__Subscribe=anyone", Folder);

        Assert.Contains(says, errors, StringComparison.Ordinal);
        Assert.All([Tokens.Secret, Keys.Admin, "of-redis"], secret => Assert.DoesNotContain(secret, errors, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_folder_that_is_named_and_not_there_stops_the_start()
    {
        var errors = await GatewayProcess.FailToStartAsync("DOTNET_ENVIRONMENT=Development", "--urls=http://127.0.0.1:0", "MessageBus__SecretsFolder=/nowhere/at/all");

        Assert.Contains("'MessageBus:SecretsFolder'", errors, StringComparison.Ordinal);
        Assert.Contains("/nowhere/at/all", errors, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Folder => $"MessageBus__SecretsFolder={_folder.FullName}";

    private void Write(string name, string value) => File.WriteAllText(Path.Combine(_folder.FullName, name), value);
}
