using System.Net;
using System.Security.Cryptography.X509Certificates;
using MessageBus.IntegrationTests.Api;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.CommandLine;

/// <summary><c>setup</c>: what is missing is made once, what is there stays.</summary>
[Trait("Sockets", "Either")]
public sealed class SetupCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("messagebus-setup-");

    [Fact]
    public async Task Certificate_and_secrets_are_made_for_the_owner_only_and_kept()
    {
        var first = await RunAsync();
        var made = Contents();
        var second = await RunAsync();

        Assert.Equal((0, ""), (first.ExitCode, first.Errors));
        Assert.Equal(0, second.ExitCode);
        Assert.Equal(
            [
                "ConnectionStrings__Redis", "MessageBus__ApiKeys__0__Key", "MessageBus__ApiKeys__0__Name", "MessageBus__ApiKeys__0__Scopes", "MessageBus__Jwt__Secret",
                "fullchain.pem", "password", "privkey.pem", "redis.conf",
            ],
            made.Keys.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(made, Contents());
        Assert.All(made.Keys, path => Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(path) is (UnixFileMode.UserRead | UnixFileMode.UserWrite), path));
    }

    [Fact]
    public async Task No_secret_is_printed_nor_the_same_twice()
    {
        var printed = (await RunAsync("--demo-token", "1h")).Output;
        var secrets = new[] { "secrets/MessageBus__Jwt__Secret", "secrets/MessageBus__ApiKeys__0__Key", "redis/password" }.Select(Read).ToList();

        Assert.All(secrets, secret => Assert.DoesNotContain(secret, printed, StringComparison.Ordinal));
        Assert.All(secrets, secret => Assert.Equal(64, secret.Length));
        Assert.Equal(3, secrets.Distinct().Count());
    }

    [Theory]
    [InlineData("secrets/MessageBus__Jwt__Secret")]
    [InlineData("secrets/MessageBus__ApiKeys__0__Key")]
    [InlineData("redis/password")]
    public async Task A_secret_that_is_empty_or_gone_is_made_anew_and_the_others_stay(string path)
    {
        await RunAsync();
        var made = Contents();
        var file = Path.Combine(_folder.FullName, path);

        foreach (var damage in new Action[] { () => File.WriteAllText(file, "\n"), () => File.Delete(file) })
        {
            damage();
            Assert.Equal(0, (await RunAsync()).ExitCode);

            Assert.Equal(64, Read(path).Length);
            Assert.NotEqual(made[file], Read(path));
            string[] changed = path is "redis/password" ? [path, "redis/redis.conf", "secrets/ConnectionStrings__Redis"] : [path];
            Assert.Equal(changed.Order(), Contents().Where(one => made[one.Key] != one.Value).Select(one => Path.GetRelativePath(_folder.FullName, one.Key)).Order());
        }
    }

    [Fact]
    public async Task Redis_and_gateway_get_the_same_password()
    {
        await RunAsync();

        var password = Read("redis/password");

        Assert.Equal($"requirepass {password}\n", Read("redis/redis.conf"));
        Assert.Equal($"redis:6379,password={password}", Read("secrets/ConnectionStrings__Redis"));
    }

    [Fact]
    public async Task A_certificate_of_the_operators_own_is_not_touched()
    {
        using var certificate = new TestCertificate();

        var setup = await GatewayCommand.RunAsync([], "setup", "--certificates", certificate.Folder);

        // It ends in five days: his is not renewed.
        Assert.Equal(0, setup.ExitCode);
        Assert.Contains("CN=gateway.test", setup.Output, StringComparison.Ordinal);
        using var found = X509Certificate2.CreateFromPemFile(certificate.Path, certificate.KeyPath);
        Assert.Equal(certificate.Thumbprint, found.Thumbprint);
    }

    [Fact]
    public async Task A_self_made_certificate_is_for_the_hosts_that_were_named()
    {
        await GatewayCommand.RunAsync([], "setup", "--certificates", Folder("certificates"), "--host", "bus.test", "--host", "192.0.2.7");

        using var made = X509Certificate2.CreateFromPemFile(Path.Combine(_folder.FullName, "certificates", "fullchain.pem"), Path.Combine(_folder.FullName, "certificates", "privkey.pem"));

        Assert.True(made.MatchesHostname("bus.test"));
        Assert.True(made.MatchesHostname("192.0.2.7"));
        Assert.False(made.MatchesHostname("localhost"));
    }

    [Fact]
    public async Task Half_a_certificate_is_told_and_not_overwritten()
    {
        using var certificate = new TestCertificate();
        var key = File.ReadAllText(certificate.KeyPath);
        File.Delete(certificate.Path);

        var setup = await GatewayCommand.RunAsync([], "setup", "--certificates", certificate.Folder);

        Assert.Equal(1, setup.ExitCode);
        Assert.Contains("only one is there", setup.Errors, StringComparison.Ordinal);
        Assert.Equal(key, File.ReadAllText(certificate.KeyPath));
    }

    [Theory]
    [InlineData("is not there", "--certificates", "/nowhere/at/all")]
    [InlineData("--redis-folder", "--redis", "redis:6379")]
    [InlineData("is no duration", "--secrets", ".", "--demo-token", "long")]
    [InlineData("'MessageBus:Jwt:Secret' is not set", "--demo-token", "1h")]
    [InlineData("'--certificate'", "--certificate", "x")]
    public async Task A_wrong_command_is_told(string says, params string[] arguments)
    {
        var setup = await GatewayCommand.RunAsync([], ["setup", .. arguments.Select(argument => argument is "." ? Folder("secrets") : argument)]);

        Assert.Equal(1, setup.ExitCode);
        Assert.Contains(says, setup.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_starts_with_what_was_made_and_takes_the_key_and_the_demo_token_for_the_demo_channels_only()
    {
        var setup = await RunAsync("--demo-token", "90s");
        var token = setup.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        await using var redis = await RedisServerProcess.StartAsync("--requirepass", Read("redis/password"));
        File.WriteAllText(Path.Combine(_folder.FullName, "secrets", "ConnectionStrings__Redis"), $"{redis.Endpoint},password={Read("redis/password")}");
        await using var gateway = await GatewayProcess.StartAsync(
            "--urls=https://127.0.0.1:0;http://127.0.0.1:0",
            $"MessageBus__SecretsFolder={Folder("secrets")}",
            "MessageBus__Channels__0__Pattern=user/{user}",
            "MessageBus__Channels__0__Subscribe=user",
            $"MessageBus__Certificate__Path={Folder("certificates")}/fullchain.pem",
            $"MessageBus__Certificate__KeyPath={Folder("certificates")}/privkey.pem");
        await using var client = await BusClient.OpenAsync(new UriBuilder(gateway.Addresses.First(address => address.Scheme is "https")) { Scheme = "wss", Path = "/bus" }.Uri);

        var connected = await client.ConnectWithAsync(token);
        await client.SubscribeAsync("demo/hello");
        await client.SendAsync(new { type = "publish", channel = "demo/hello", payload = "through it all" });

        Assert.Equal("demo", connected.GetProperty("user").GetString());
        Assert.InRange(connected.GetProperty("expires").GetInt32(), 1, 90);
        Assert.Equal("through it all", await client.ExpectTextAsync("demo/hello"));
        await client.SendAsync(new { type = "subscribe", id = 9, channel = "news/today" });
        Assert.Equal("forbidden", await client.ExpectErrorAsync());
        var plain = gateway.Addresses.First(address => address.Scheme is "http");
        Assert.Equal(HttpStatusCode.Accepted, await ApiCall.StatusAsync(plain, "DELETE", "/api/users/nobody/connections", ApiCall.With(Read("secrets/MessageBus__ApiKeys__0__Key"))));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Task<GatewayCommand> RunAsync(params string[] more) => GatewayCommand.RunAsync(
        [], ["setup", "--certificates", Folder("certificates"), "--secrets", Folder("secrets"), "--redis", "redis:6379", "--redis-folder", Folder("redis"), .. more]);

    private string Folder(string name) => _folder.CreateSubdirectory(name).FullName;

    private string Read(string path) => File.ReadAllText(Path.Combine(_folder.FullName, path));

    private Dictionary<string, string> Contents() => _folder.EnumerateFiles("*", SearchOption.AllDirectories).ToDictionary(file => file.FullName, file => File.ReadAllText(file.FullName));
}
