using Microsoft.Extensions.Options;

namespace MessageBus.Gateway.Configuration;

/// <summary>
/// What the host adds to the rules for channels: outside Development they must be there, unknown keys are refused, and a changed file is taken over live.
/// </summary>
internal static partial class AccessRules
{
    public static void AddAccessRules(this WebApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection(GatewayOptions.Section);
        var rulesRequired = !builder.Environment.IsDevelopment();
        builder.Services.AddSingleton<IValidateOptions<MessageBusOptions>>(new Validation(section, rulesRequired));
        builder.Services.AddSingleton<IOptionsChangeTokenSource<MessageBusOptions>>(new ConfigurationChangeTokenSource<MessageBusOptions>(section));
    }

    /// <summary>A file that cannot be read after a change is said so in the log. Nothing is told that the configuration has changed, so what was in force stays.</summary>
    public static void UseReloadReports(this WebApplication app)
    {
        foreach (var file in ((IConfigurationBuilder)app.Configuration).Sources.OfType<FileConfigurationSource>())
        {
            file.OnLoadException = failure => LogUnreadable(app.Logger, failure.Provider.Source.Path, failure.Exception.GetBaseException().Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed file {File} cannot be read, what was in force stays: {Problem}")]
    private static partial void LogUnreadable(ILogger logger, string? file, string problem);

    private sealed class Validation(IConfigurationSection section, bool rulesRequired) : IValidateOptions<MessageBusOptions>
    {
        public ValidateOptionsResult Validate(string? name, MessageBusOptions options)
        {
            try
            {
                KnownKeys.Check(section, typeof(MessageBusOptions), typeof(GatewayOptions));
            }
            catch (ConfigurationProblem problem)
            {
                return ValidateOptionsResult.Fail(problem.Message);
            }

            return rulesRequired && options.Channels.Count is 0 && options.AllowAnonymous is not true
                ? ValidateOptionsResult.Fail(
                    "'MessageBus:Channels' is empty: nobody could subscribe or publish. Set who may, for example MessageBus__Channels__0__Pattern=user/{user} "
                    + "with MessageBus__Channels__0__Subscribe=user, or set 'MessageBus:AllowAnonymous' to true to open every channel to everybody.")
                : ValidateOptionsResult.Success;
        }
    }
}
