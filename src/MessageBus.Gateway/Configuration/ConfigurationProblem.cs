namespace MessageBus.Gateway.Configuration;

/// <summary>The configuration does not allow a start. The message names the key and says what is right.</summary>
internal sealed class ConfigurationProblem(string message, Exception? cause = null) : Exception(message, cause);
