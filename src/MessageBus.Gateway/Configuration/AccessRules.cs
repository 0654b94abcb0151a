using MessageBus.Gateway.Jwt;
using Microsoft.Extensions.Options;

namespace MessageBus.Gateway.Configuration;

/// <summary>
/// What the host adds to the rules for channels and the API keys: outside Development they must be there, unknown keys are refused, and a changed file is taken
/// over live, but not while anything in it is wrong, also in the part that tokens are judged by.
/// </summary>
internal static partial class AccessRules
{
    public static void AddAccessRules(this WebApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection(GatewayOptions.Section);
        var accessRequired = !builder.Environment.IsDevelopment();
        builder.Services.AddSingleton<IValidateOptions<MessageBusOptions>>(new Validation(builder.Configuration, accessRequired));
        builder.Services.AddSingleton<IOptionsChangeTokenSource<MessageBusOptions>>(new ConfigurationChangeTokenSource<MessageBusOptions>(section));
    }

    /// <summary>Old names of settings are said in the log. A file that cannot be read after a change is, too. Nothing is told that the configuration has changed, so what was in force stays.</summary>
    public static void UseConfigurationReports(this WebApplication app)
    {
        foreach (var file in ((IConfigurationBuilder)app.Configuration).Sources.OfType<FileConfigurationSource>())
        {
            file.OnLoadException = failure => LogUnreadable(app.Logger, failure.Provider.Source.Path, failure.Exception.GetBaseException().Message);
        }

        foreach (var warning in RenamedKeys.Warnings(app.Configuration))
        {
            LogRenamed(app.Logger, warning);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed file {File} cannot be read, what was in force stays: {Problem}")]
    private static partial void LogUnreadable(ILogger logger, string? file, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
    private static partial void LogRenamed(ILogger logger, string warning);

    private sealed class Validation(IConfiguration configuration, bool accessRequired) : IValidateOptions<MessageBusOptions>
    {
        public ValidateOptionsResult Validate(string? name, MessageBusOptions options)
        {
            var section = configuration.GetSection(GatewayOptions.Section);
            var problems = KnownKeys.Problems(section, typeof(MessageBusOptions), typeof(GatewayOptions)).Select(problem => problem.Message).ToList();
            if (accessRequired && options.AllowAnonymous is not true)
            {
                problems.AddRange(Missing(options));
            }

            if (problems.Count is 0)
            {
                problems.AddRange(ProblemsOfTokens());
            }

            return problems.Count > 0 ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
        }

        private IReadOnlyList<string> ProblemsOfTokens()
        {
            try
            {
                configuration.ReadJwtPolicy();
                return [];
            }
            catch (ConfigurationProblem problem)
            {
                return problem.Messages;
            }
        }

        private static IEnumerable<string> Missing(MessageBusOptions options)
        {
            if (options.Channels.Count is 0)
            {
                yield return "'MessageBus:Channels' is empty: nobody could subscribe or publish. Set who may, for example MessageBus__Channels__0__Pattern=user/{user} "
                    + "with MessageBus__Channels__0__Subscribe=user, or set 'MessageBus:AllowAnonymous' to true to open every channel to everybody.";
            }

            if (options.ApiKeys.Count is 0)
            {
                yield return "'MessageBus:ApiKeys' is empty: nobody could see or disconnect connections. Set MessageBus__ApiKeys__0__Key (at least 32 characters, "
                    + "for example of: openssl rand -base64 48) or MessageBus__ApiKeys__0__Sha256, with MessageBus__ApiKeys__0__Scopes=publish|read|admin.";
            }
        }
    }
}
