using System.Diagnostics;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Containers;

/// <summary>
/// The services of docker-compose.yml as processes: their own commands, environment and health checks. What differs is what containers are for: folders in place of volumes,
/// free ports of 127.0.0.1 in place of networks.
/// </summary>
public sealed class ComposeStackTests : IAsyncLifetime, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("messagebus-compose-");
    private readonly HeldPort _redisPort = new();
    private readonly List<Process> _processes = [];
    private ComposeFile _compose = null!;

    public async Task InitializeAsync() => _compose = await ComposeFile.ReadAsync();

    [Fact]
    public async Task A_token_of_setup_and_a_backend_that_only_publishes_are_all_that_a_browser_needs()
    {
        var token = await SetUpAsync();
        await StartRedisAsync();
        var settings = GatewaySettings();
        await using var gateway = await GatewayProcess.StartAsync(settings);
        var https = gateway.Addresses.First(address => address.Scheme is "https");
        await using var client = await BusClient.OpenAsync(new UriBuilder(https) { Scheme = "wss", Path = "/bus" }.Uri);

        await client.ConnectWithAsync(token);
        await client.SubscribeAsync("demo/ticks");
        StartProcess(_compose["demo"].Entrypoint);

        Assert.StartsWith("It is ", await client.ExpectTextAsync("demo/ticks"), StringComparison.Ordinal);
        Assert.Equal(0, (await GatewayCommand.RunAsync([.. settings, $"ASPNETCORE_URLS={string.Join(';', gateway.Addresses).TrimEnd('/')}"], "health")).ExitCode);
        await ExpectRedirectAsync(gateway.Addresses.First(address => address.Scheme is "http"));
    }

    [Fact]
    public async Task Redis_keeps_nothing_cuts_subscribers_that_fall_behind_and_wants_its_password()
    {
        await SetUpAsync();
        await StartRedisAsync();

        // The name of the setting, and nothing behind it.
        Assert.Equal("save", await AskAsync("CONFIG", "GET", "save"));
        Assert.Equal("appendonly\nno", await AskAsync("CONFIG", "GET", "appendonly"));
        Assert.EndsWith("pubsub 268435456 67108864 60", await AskAsync("CONFIG", "GET", "client-output-buffer-limit"), StringComparison.Ordinal);
        Assert.StartsWith("NOAUTH", await RedisCli.RunAsync(_redisPort.Number, "PING"), StringComparison.Ordinal);
    }

    public void Dispose() => _redisPort.Dispose();

    public Task DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        _folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>Returns the token that it prints.</summary>
    private async Task<string> SetUpAsync()
    {
        var setup = await GatewayCommand.RunAsync([], [.. _compose["setup"].Command.Select(Mapped)]);
        Assert.True(setup.ExitCode is 0, setup.Errors);
        return setup.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
    }

    private async Task StartRedisAsync()
    {
        var redis = _compose["redis"];
        StartProcess([.. redis.Command, "--port", $"{_redisPort.Number}", "--bind", "127.0.0.1", "--dir", _folder.FullName]);
        Assert.Equal("CMD-SHELL", redis.HealthCheck[0]);
        await Eventually.TrueAsync(
            async () =>
            {
                using var check = StartProcess(["sh", "-c", redis.HealthCheck[1]], keep: false);
                await check.WaitForExitAsync();
                return check.ExitCode is 0;
            },
            "the health check of redis succeeds");
    }

    private string[] GatewaySettings() =>
    [
        .. _compose["gateway"].Environment.Select(setting => $"{setting.Key}={Mapped(setting.Value)}"),
        $"MessageBus__SecretsFolder={Mapped("/run/secrets")}",
        $"ConnectionStrings__Redis={File.ReadAllText(Mapped("/run/secrets/ConnectionStrings__Redis")).Replace("redis:6379", $"127.0.0.1:{_redisPort.Number}", StringComparison.Ordinal)}",

        // Other ports than the default ones, which only redirect where that is said.
        "ASPNETCORE_URLS=https://127.0.0.1:0;http://127.0.0.1:0",
        "MessageBus__HttpsRedirect=true",
        "MessageBus__MetricsPort=0",
        "MessageBus__MetricsAddress=127.0.0.1",
    ];

    private async Task<string> AskAsync(params string[] command) =>
        await RedisCli.RunAsync(_redisPort.Number, ["--no-auth-warning", "-a", await File.ReadAllTextAsync(Mapped("/run/redis/password")), .. command]);

    private static async Task ExpectRedirectAsync(Uri plain)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var response = await http.GetAsync(plain);
        Assert.Equal("https://127.0.0.1/", response.Headers.Location!.OriginalString);
    }

    private Process StartProcess(string[] command, bool keep = true)
    {
        var process = InstalledTool.Start(command[0], $"apt-get install redis-server (for {command[0]})", command[1..].Select(Mapped));
        process.StandardInput.Close();
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (keep)
        {
            _processes.Add(process);
        }

        return process;
    }

    /// <summary>The same for a process: where volumes are mounted, a folder; in place of Redis' host, its port here.</summary>
    private string Mapped(string text)
    {
        foreach (var (_, target, _) in _compose.Services.SelectMany(service => service.Volumes).Where(volume => volume.Target.StartsWith("/run/", StringComparison.Ordinal)).Distinct())
        {
            text = text.Replace(target, _folder.CreateSubdirectory(Path.GetFileName(target)).FullName, StringComparison.Ordinal);
        }

        return text
            .Replace("redis-cli -h redis", $"redis-cli -h 127.0.0.1 -p {_redisPort.Number}", StringComparison.Ordinal)
            .Replace("redis-cli ping", $"redis-cli -p {_redisPort.Number} ping", StringComparison.Ordinal);
    }
}
