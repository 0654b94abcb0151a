using System.Net;
using System.Net.Sockets;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Start;

/// <summary>A configuration that cannot work: the program says in one line what is wrong, and ends with exit code 1.</summary>
[Trait("Sockets", "Either")]
public sealed class RefusedStartTests
{
    private const string Development = "DOTNET_ENVIRONMENT=Development";
    private const string AnyPort = "--urls=http://127.0.0.1:0";

    [Theory]
    [InlineData("MessageBus__MaxBacklogByte=1", "'MessageBus:MaxBacklogByte'", "'MessageBus:Limits:MaxBacklogBytes'")]
    [InlineData("MessageBus__Certificate__Pth=x", "'MessageBus:Certificate:Pth'", "'MessageBus:Certificate:Path'")]
    [InlineData("MessageBus__Limits__PingInterval=soon", "MessageBus:Limits:PingInterval", "soon")]
    [InlineData("MessageBus__Limits__PingInterval=0", "MessageBus:Limits:PingInterval", "00:00:01")]
    [InlineData("MessageBus__Limits__MaxBacklogBytes=1", "MessageBus:Limits:MaxBacklogBytes", "16384")]
    [InlineData("MessageBus__Limits__MaxBacklogBytes=much", "MessageBus:Limits:MaxBacklogBytes", "much")]
    [InlineData("MessageBus__Limits__MaxConnections=0", "MessageBus:Limits:MaxConnections", "between 1 and")]
    [InlineData("MessageBus__Proxies__0=10.0.0.300", "'MessageBus:Proxies' has '10.0.0.300'", "10.0.0.0/8")]
    [InlineData("MessageBus__EmbeddedPort=70000", "MessageBus:EmbeddedPort", "65535")]
    [InlineData("MessageBus__MetricsPort=70000", "MessageBus:MetricsPort", "65535")]
    [InlineData("MessageBus__MetricsAddress=somewhere", "'MessageBus:MetricsAddress'", "127.0.0.1")]
    [InlineData("MessageBus__AllowAnonymous=perhaps", "MessageBus:AllowAnonymous", "perhaps")]
    [InlineData("MessageBus__Channels__0__Patern=a", "'MessageBus:Channels:0:Patern'", "'MessageBus:Channels:0:Pattern'")]
    [InlineData("MessageBus__Channels__0__Subscribe=anyone", "'MessageBus:Channels:0:Pattern'", "must not be empty")]
    [InlineData("MessageBus__Channels__0__Pattern=chat/*/**/x", "'MessageBus:Channels:0:Pattern'", "must come last")]
    [InlineData("MessageBus__Channels=chat/**", "'MessageBus:Channels'", "'MessageBus:Channels:0'")]
    [InlineData("MessageBus__ChannelSeparator=;", "'MessageBus:ChannelSeparator'", "'/', ':'")]
    [InlineData("MessageBus__ChannelSeparator=::", "ChannelSeparator", "::")]
    [InlineData("MessageBus__AutoSubscribe__0=group/*", "'MessageBus:AutoSubscribe:0'", "placeholders can")]
    [InlineData("MessageBus__AllowedOrigins__0=https://app.example.com/", "'MessageBus:AllowedOrigins:0'", "https://app.example.com,")]
    [InlineData("MessageBus__Certificate__Path=/nowhere/cert.pem", "'MessageBus:Certificate:Path'", "/nowhere/cert.pem")]
    [InlineData("ConnectionStrings__Redis=localhost:6379,noSuchOption=1", "ConnectionStrings:Redis", "noSuchOption")]
    [InlineData("ConnectionStrings__Redis=localhost:6379,connectTimeout=soon", "ConnectionStrings:Redis", "connectTimeout")]
    [InlineData("ConnectionStrings__Redis=,,", "ConnectionStrings:Redis", "localhost:6379")]
    public async Task A_wrong_setting_is_named(string setting, string key, string hint)
    {
        var errors = await GatewayProcess.FailToStartAsync(Development, AnyPort, setting);

        IsOneLine(errors);
        Assert.Contains(key, errors, StringComparison.Ordinal);
        Assert.Contains(hint, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_in_a_malformed_connection_string_is_not_printed()
    {
        var errors = await GatewayProcess.FailToStartAsync(Development, AnyPort, "ConnectionStrings__Redis=localhost:6379,password=topsecret,noSuchOption=1");

        IsOneLine(errors);
        Assert.DoesNotContain("topsecret", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--urls=nonsense", "'nonsense'")]
    [InlineData("--urls=ftp://127.0.0.1:0", "'ftp://127.0.0.1:0'")]
    [InlineData("--urls=http://127.0.0.1:99999", "'http://127.0.0.1:99999'")]
    [InlineData("ASPNETCORE_URLS=http://", "'http://'")]
    [InlineData("--urls=http://192.0.2.1:12345", "'urls'")]
    public async Task An_address_that_cannot_be_listened_on_is_named(string urls, string named)
    {
        var errors = await GatewayProcess.FailToStartAsync(Development, urls);

        IsOneLine(errors);
        Assert.Contains(named, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";

        var errors = await GatewayProcess.FailToStartAsync(Development, $"--urls={address}");

        IsOneLine(errors);
        Assert.Contains(address, errors, StringComparison.Ordinal);
        Assert.Contains("in use", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Production_without_Redis_is_told_what_to_set()
    {
        var errors = await GatewayProcess.FailToStartAsync(AnyPort);

        IsOneLine(errors);
        Assert.Contains("'ConnectionStrings:Redis'", errors, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings__Redis=localhost:6379", errors, StringComparison.Ordinal);
        Assert.Contains("'MessageBus:AllowEmbedded'", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MessageBus__AllowEmbedded=true")]
    [InlineData("MessageBus__AllowAnonymous=false")]
    [InlineData("MessageBus__Jwt__Secret=")]
    public async Task Production_without_tokens_is_told_what_to_set(string setting)
    {
        var errors = await GatewayProcess.FailToStartAsync(AnyPort, "MessageBus__AllowEmbedded=true", setting);

        IsOneLine(errors);
        Assert.Contains("'MessageBus:Jwt'", errors, StringComparison.Ordinal);
        Assert.Contains("MessageBus__Jwt__Secret", errors, StringComparison.Ordinal);
        Assert.Contains("MessageBus__Jwt__JwksUrl", errors, StringComparison.Ordinal);
        Assert.Contains("'MessageBus:AllowAnonymous'", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MessageBus__Jwt__Secret=far-too-short", "'MessageBus:Jwt:Secret'", "32")]
    [InlineData("MessageBus__Jwt__Secrt=x", "'MessageBus:Jwt:Secrt'", "'MessageBus:Jwt:Secret'")]
    [InlineData("MessageBus__Jwt__JwksUrl=http://login.example.com/keys", "'MessageBus:Jwt:JwksUrl'", "https")]
    [InlineData("MessageBus__Jwt__Authority=http://login.example.com", "'MessageBus:Jwt:Authority'", "https")]
    [InlineData("MessageBus__Jwt__PublicKeys__0__Path=/nowhere/key.pem", "'MessageBus:Jwt:PublicKeys:0:Path'", "/nowhere/key.pem")]
    public async Task A_wrong_token_setting_is_named_without_a_secret(string setting, string key, string hint)
    {
        var errors = await GatewayProcess.FailToStartAsync(Development, AnyPort, setting);

        IsOneLine(errors);
        Assert.Contains(key, errors, StringComparison.Ordinal);
        Assert.Contains(hint, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("far-too-short", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Production_without_API_keys_is_told_what_to_set()
    {
        var errors = await GatewayProcess.FailToStartAsync(
            AnyPort, "MessageBus__AllowEmbedded=true", $"MessageBus__Jwt__Secret={Tokens.Secret}", "MessageBus__Channels__0__Pattern=**");

        IsOneLine(errors);
        Assert.Contains("'MessageBus:ApiKeys'", errors, StringComparison.Ordinal);
        Assert.Contains("MessageBus__ApiKeys__0__Key", errors, StringComparison.Ordinal);
        Assert.Contains("MessageBus__ApiKeys__0__Scopes", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MessageBus__ApiKeys=the-secret-in-the-wrong-place", "'MessageBus:ApiKeys:0'")]
    [InlineData("MessageBus__ApiKeys__0=the-secret-in-the-wrong-place", "'MessageBus:ApiKeys:0:Key'")]
    [InlineData("MessageBus__ApiKeys__0__Key=the-secret-in-short", "'MessageBus:ApiKeys:0:Key' has 19 characters")]
    [InlineData("MessageBus__ApiKeys__0__Sha256=the-secret", "'MessageBus:ApiKeys:0:Sha256' is not 64 hexadecimal digits")]
    [InlineData("MessageBus__ApiKeys__0__Scope=read", "'MessageBus:ApiKeys:0:Scopes'")]
    public async Task A_wrong_API_key_is_named_and_not_said(string setting, string named)
    {
        var errors = await GatewayProcess.FailToStartAsync(Development, AnyPort, setting);

        Assert.Contains(named, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("the-secret", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Production_without_rules_is_told_what_to_set()
    {
        var errors = await GatewayProcess.FailToStartAsync(AnyPort, "MessageBus__AllowEmbedded=true", $"MessageBus__Jwt__Secret={Tokens.Secret}");

        IsOneLine(errors);
        Assert.Contains("'MessageBus:Channels'", errors, StringComparison.Ordinal);
        Assert.Contains("MessageBus__Channels__0__Pattern=user/{user}", errors, StringComparison.Ordinal);
        Assert.Contains("'MessageBus:AllowAnonymous'", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Https_in_Production_without_a_certificate_is_told_what_to_set()
    {
        var errors = await GatewayProcess.FailToStartAsync(
            "--urls=https://127.0.0.1:0", "MessageBus__AllowEmbedded=true", "MessageBus__AllowAnonymous=true");

        IsOneLine(errors);
        Assert.Contains("'MessageBus:Certificate:Path'", errors, StringComparison.Ordinal);
    }

    private static void IsOneLine(string errors)
    {
        Assert.StartsWith("MessageBus cannot start: ", errors, StringComparison.Ordinal);
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
