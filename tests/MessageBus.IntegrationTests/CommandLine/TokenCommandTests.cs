using System.Text.Json;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.CommandLine;

/// <summary><c>token create</c> and <c>token inspect</c>.</summary>
[Trait("Sockets", "Either")]
public sealed class TokenCommandTests
{
    private static readonly string[] WithSecret = [$"MessageBus__Jwt__Secret={Tokens.Secret}"];

    [Fact]
    public async Task A_created_token_has_the_rights_that_were_asked_for_and_opens_a_connection()
    {
        var created = await GatewayCommand.RunAsync(
            WithSecret, "token", "create", "--user", "42", "--subscribe", "chat/**", "--subscribe", "news", "--publish", "chat/42", "--role", "staff", "--ttl", "90s",
            "--MessageBus:Jwt:Issuer=https://ours", "--MessageBus:Jwt:Audience=gateway");
        await using var gateway = GatewayApp.Start(
            ("MessageBus:AllowAnonymous", "false"), ("MessageBus:Jwt:Secret", Tokens.Secret), ("MessageBus:Jwt:Issuer", "https://ours"), ("MessageBus:Jwt:Audience", "gateway"));
        await using var client = await BusClient.OpenAsync(gateway.Bus);

        var connected = await client.ConnectWithAsync(created.Output.TrimEnd('\n'));

        Assert.Equal(0, created.ExitCode);
        Assert.Equal("42", connected.GetProperty("user").GetString());
        Assert.InRange(connected.GetProperty("expires").GetInt32(), 60, 90);
        var claims = JsonSerializer.Deserialize<JsonElement>(System.Buffers.Text.Base64Url.DecodeFromChars(created.Output.Split('.')[1]));
        Assert.Equal(["chat/**", "news"], claims.GetProperty("mb.sub").EnumerateArray().Select(pattern => pattern.GetString()));
        Assert.Equal(["chat/42"], claims.GetProperty("mb.pub").EnumerateArray().Select(pattern => pattern.GetString()));
        Assert.Equal("staff", claims.GetProperty("role")[0].GetString());

        // No rule is about these channels: the rights are those of the token.
        await client.SubscribeAsync("chat/of/anybody");
        await client.SubscribeAsync("news");
        await client.SendAsync(new { type = "subscribe", id = 7, channel = "newsletter" });
        Assert.Equal("forbidden", await client.ExpectErrorAsync());
        await client.PublishAsync("chat/42", "hello");
        await client.SendAsync(new { type = "publish", id = 8, channel = "chat/43", payload = "hello" });
        Assert.Equal("forbidden", await client.ExpectErrorAsync());
    }

    [Theory]
    [InlineData("MessageBus__Limits__PingInterval=00:00:09", "'MessageBus:Jwt:Secret' is not set", "--user", "42")]
    [InlineData("MessageBus__Jwt__Secret=short", "needs at least 32", "--user", "42")]
    [InlineData("MessageBus__Jwt__Secret=" + Tokens.Secret, "--user", "--ttl", "1h")]
    [InlineData("MessageBus__Jwt__Secret=" + Tokens.Secret, "'tomorrow' is no duration", "--user", "42", "--ttl", "tomorrow")]
    [InlineData("MessageBus__Jwt__Secret=" + Tokens.Secret, "'0s' is no duration", "--user", "42", "--ttl", "0s")]
    [InlineData("MessageBus__Jwt__Secret=" + Tokens.Secret, "There is no option '--subscrbe'", "--user", "42", "--subscrbe", "chat/**")]
    public async Task No_token_is_created_from_a_wrong_command(string setting, string says, params string[] options)
    {
        var command = await GatewayCommand.RunAsync([setting], ["token", "create", .. options]);

        Assert.Equal(1, command.ExitCode);
        Assert.Contains(says, command.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", command.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_right_token_is_shown_and_called_accepted()
    {
        var command = await GatewayCommand.RunAsync(WithSecret, "token", "inspect", Tokens.For("42"));

        Assert.Equal(0, command.ExitCode);
        Assert.Contains("\"sub\": \"42\"", command.Output, StringComparison.Ordinal);
        Assert.Contains("Accepted. It counts for 59 minutes", command.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_read_from_the_standard_input_too()
    {
        var command = await GatewayCommand.RunWithInputAsync($"{Tokens.For("42")}\n", WithSecret, "token", "inspect", "-");

        Assert.Equal(0, command.ExitCode);
        Assert.Contains("Accepted.", command.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_reason_to_refuse_a_token_is_said_in_words()
    {
        var token = Tokens.Hs256(
            new { sub = "4\u001b[2J2", iss = "https://theirs", aud = "other", exp = Tokens.In(TimeSpan.FromHours(-3)), nbf = Tokens.In(TimeSpan.FromDays(3.5)) }, "the secret of somebody else, long enough");

        var command = await GatewayCommand.RunAsync([.. WithSecret, "MessageBus__Jwt__Issuer=https://ours", "MessageBus__Jwt__Audience=gateway"], "token", "inspect", token);

        Assert.Equal(1, command.ExitCode);
        string[] reasons =
        [
            "Its signature is not of this gateway's key", "It expired 3 hours ago", "It is not valid before", "in 3 days", "Its issuer ('iss') is \"https://theirs\"; right is \"https://ours\"",
            "Its audience ('aud') is \"other\"; right is \"gateway\"",
        ];
        Assert.All(reasons, reason => Assert.Contains(reason, command.Output, StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', command.Output);
    }

    [Theory]
    [InlineData("nonsense", "It has 1 parts between dots")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiJ9.", "Its algorithm is \"none\"; this gateway's keys accept HS256, HS384, HS512")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiJ9.", "It has no 'exp'")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOjQyfQ.", "Its 'sub' is not a string")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJleHAiOiIxIn0.", "Its 'exp' is not a number of seconds since 1970")]
    [InlineData("eyJhbGciOiJub25lIiwiY3JpdCI6WyJiNjQiXX0.e30.", "Its header has 'crit'")]
    public async Task What_is_no_right_token_is_said_in_words(string token, string reason)
    {
        var command = await GatewayCommand.RunAsync(WithSecret, "token", "inspect", token);

        Assert.Equal(1, command.ExitCode);
        Assert.Contains(reason, command.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_is_too_long_is_said_to_be()
    {
        var command = await GatewayCommand.RunWithInputAsync(new string('x', 9_000), WithSecret, "token", "inspect", "-");

        Assert.Equal(1, command.ExitCode);
        Assert.Contains("It has 9000 characters; a token has at most 8192.", command.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_without_tokens_says_so()
    {
        var command = await GatewayCommand.RunAsync([], "token", "inspect", Tokens.For("42"));

        Assert.Equal(1, command.ExitCode);
        Assert.Contains("'MessageBus:Jwt' is not set", command.Output, StringComparison.Ordinal);
    }
}
