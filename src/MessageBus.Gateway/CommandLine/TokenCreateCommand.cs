using System.CommandLine;
using MessageBus.Gateway.Jwt;

namespace MessageBus.Gateway.CommandLine;

/// <summary><c>token create</c>: prints a token of the configured secret, and nothing else, so that it can stand in a script.</summary>
internal sealed class TokenCreateCommand
{
    private readonly Option<string> _user = new("--user") { Description = "Whose token it is: the claim 'sub'", Required = true };

    private readonly Option<string[]> _subscribe = Patterns("--subscribe", "What the user may subscribe to, for example 'chat/**': the claim 'mb.sub'");

    private readonly Option<string[]> _publish = Patterns("--publish", "What the user may publish to: the claim 'mb.pub'");

    private readonly Option<string[]> _roles = Patterns("--role", "A role of the user");

    private readonly Option<string> _ttl = new("--ttl") { Description = "How long it counts: 90s, 15m, 1h, 30d", DefaultValueFactory = _ => "1h" };

    public Command Build()
    {
        var command = new Command("create", "Make a token, signed with MessageBus:Jwt:Secret") { _user, _subscribe, _publish, _roles, _ttl };
        command.SetConfiguredAction(CreateAsync);
        return command;
    }

    private async Task<int> CreateAsync(ParseResult parsed, WebApplicationBuilder builder)
    {
        if (!Duration.TryParse(parsed.GetValue(_ttl), out var lifetime))
        {
            return await OperatorCommands.FailAsync($"'{parsed.GetValue(_ttl)}' is no duration. Right is, for example, 90s, 15m, 1h or 30d.");
        }

        if (builder.Configuration.ReadJwtPolicy() is not { } policy)
        {
            return await OperatorCommands.FailAsync($"'{JwtOptions.Section}:Secret' is not set. Set it, for example, with: export MessageBus__Jwt__Secret=$(openssl rand -base64 48)");
        }

        var request = new TokenRequest(
            parsed.GetRequiredValue(_user), lifetime.Value, parsed.GetValue(_subscribe) ?? [], parsed.GetValue(_publish) ?? [], parsed.GetValue(_roles) ?? []);
        await Console.Out.WriteLineAsync(TokenWriter.Create(policy, request, TimeProvider.System.GetUtcNow()));
        return 0;
    }

    private static Option<string[]> Patterns(string name, string description) => new(name) { Description = $"{description}. May stand several times" };
}
