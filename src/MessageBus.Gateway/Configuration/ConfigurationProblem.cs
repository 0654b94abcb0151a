namespace MessageBus.Gateway.Configuration;

/// <summary>The configuration does not allow a start. Each message names the key and says what is right.</summary>
internal sealed class ConfigurationProblem : Exception
{
    public ConfigurationProblem(string message, Exception? cause = null)
        : base(message, cause) => Messages = [message];

    /// <summary>Several at once.</summary>
    public ConfigurationProblem(IReadOnlyList<string> messages)
        : base(string.Join(' ', messages)) => Messages = messages;

    public IReadOnlyList<string> Messages { get; }
}
