namespace MessageBus.Redis.Wire;

/// <summary>A link could not be opened. The message is the reason, in one sentence without a full stop and without anything secret.</summary>
internal sealed class DialFailure(string reason, Exception? cause = null) : Exception(reason, cause);
