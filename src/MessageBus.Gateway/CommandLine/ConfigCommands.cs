using System.CommandLine;
using MessageBus.Gateway.Configuration;

namespace MessageBus.Gateway.CommandLine;

/// <summary><c>config check</c> and <c>config print</c>.</summary>
internal static class ConfigCommands
{
    /// <summary>
    /// Exit code 1 and a line for each reason why the gateway would not start. Takes no port, and reaches Redis only with <c>--connect</c>.
    /// </summary>
    public static Command Check()
    {
        var connect = new Option<bool>("--connect") { Description = "Also connect to Redis as the gateway would, and say why that fails" };
        var command = new Command("check", "Say whether the gateway could start with this configuration, and if not, why") { connect };
        command.SetConfiguredAction(async (parsed, builder) =>
        {
            var problems = ConfigurationCheck.Problems(builder);
            if (problems.Count is 0 && parsed.GetValue(connect) && await BrokerCheck.ProblemAsync(builder) is { } unreached)
            {
                problems = [unreached];
            }

            foreach (var problem in problems)
            {
                await Console.Error.WriteLineAsync(problem);
            }

            foreach (var warning in RenamedKeys.Warnings(builder.Configuration))
            {
                await Console.Out.WriteLineAsync(warning);
            }

            if (problems.Count is 0)
            {
                await Console.Out.WriteLineAsync($"The configuration is right ({builder.Environment.EnvironmentName}).");
            }

            return problems.Count is 0 ? 0 : 1;
        });
        return command;
    }

    /// <summary>A line for each setting: <c>key = value (source)</c>. Also where the configuration is wrong: then the source is what one looks for.</summary>
    public static Command Print()
    {
        var command = new Command("print", "Show each setting with its value and where that comes from; secrets are masked");
        command.SetConfiguredAction(async (_, builder) =>
        {
            await Console.Out.WriteLineAsync($"Environment: {builder.Environment.EnvironmentName}");
            foreach (var setting in EffectiveSettings.Of(builder))
            {
                await Console.Out.WriteLineAsync($"{setting.Key} = {setting.Value} ({setting.Source})");
            }

            return 0;
        });
        return command;
    }
}
