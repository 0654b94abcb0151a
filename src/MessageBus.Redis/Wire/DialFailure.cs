namespace MessageBus.Redis.Wire;

/// <summary>A link could not be opened. The message is the reason, in one sentence without a full stop and without anything secret.</summary>
/// <param name="reason">The message.</param>
/// <param name="isGuess">Nothing was said: the reason is what that usually means.</param>
/// <param name="cause">What the client threw.</param>
internal sealed class DialFailure(string reason, bool isGuess = false, Exception? cause = null) : Exception(reason, cause)
{
    public bool IsGuess => isGuess;
}
