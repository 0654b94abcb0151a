using System.CommandLine;
using MessageBus.Gateway.Configuration;

namespace MessageBus.Gateway.CommandLine;

/// <summary>
/// What the program does beside serving: <c>token create</c>, <c>token inspect</c>, <c>config check</c>, <c>config print</c>, <c>health</c>, <c>setup</c>. They read the same configuration
/// as the gateway, and take its settings as further arguments (<c>--MessageBus:Jwt:Issuer=https://...</c>). Exit code 0, or 1 with the reason.
/// </summary>
internal static class OperatorCommands
{
    private static readonly string[] Questions = ["--help", "-h", "-?", "/?", "--version"];

    /// <summary>Whether the program was asked for a command. A gateway's arguments begin with dashes or are settings.</summary>
    public static bool AreMeant(string[] args) =>
        args.Length > 0 && (Questions.Contains(args[0]) || !(args[0].StartsWith('-') || args[0].StartsWith('/') || args[0].Contains('=', StringComparison.Ordinal)));

    public static Task<int> RunAsync(string[] args) => Build().Parse(args).InvokeAsync();

    private static RootCommand Build()
    {
        var root = new RootCommand("MessageBus: a WebSocket gateway between browsers and Redis pub/sub. Without a command it serves.")
        {
            new Command("token", "Tokens for this gateway (MessageBus:Jwt)") { new TokenCreateCommand().Build(), new TokenInspectCommand().Build() },
            new Command("config", "The configuration as the gateway would read it") { ConfigCommands.Check(), ConfigCommands.Print() },
            new HealthCommand().Build(),
            new SetupCommand().Build(),
        };
        return root;
    }

    /// <summary>Runs a command on the configuration. What an operator can mend is said in one line.</summary>
    public static void SetConfiguredAction(this Command command, Func<ParseResult, WebApplicationBuilder, Task<int>> run)
    {
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parsed, _) =>
        {
            if (parsed.UnmatchedTokens.FirstOrDefault(token => !IsSetting(token)) is { } unknown)
            {
                return await FailAsync($"There is no option '{unknown}'. See --help.");
            }

            try
            {
                return await run(parsed, GatewayConfiguration.NewBuilder([.. parsed.UnmatchedTokens]));
            }
            catch (Exception e) when (StartFailure.TryExplain(e, out var explanation))
            {
                return await FailAsync(explanation);
            }
        });
    }

    public static async Task<int> FailAsync(string reason)
    {
        await Console.Error.WriteLineAsync(reason);
        return 1;
    }

    /// <summary><c>--Section:Key=value</c>, or one of ASP.NET's own. Anything else is more likely a slip.</summary>
    private static bool IsSetting(string token)
    {
        var key = token.Split('=')[0];
        return token.StartsWith("--", StringComparison.Ordinal) && key.Length < token.Length && (key.Contains(':', StringComparison.Ordinal) || key is "--urls" or "--environment");
    }
}
