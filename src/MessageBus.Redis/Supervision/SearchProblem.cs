namespace MessageBus.Redis.Supervision;

/// <summary>Why Redis is not there, and when that is to be said again: when it changes, and once a minute.</summary>
internal sealed class SearchProblem(TimeProvider time)
{
    private static readonly TimeSpan Reminder = TimeSpan.FromMinutes(1);

    private volatile string? _text;
    private long _toldAt;

    public string? Text => _text;

    /// <summary>Whether it is to be said now.</summary>
    public bool Begin(string text)
    {
        if (_text == text && time.GetElapsedTime(_toldAt) < Reminder)
        {
            return false;
        }

        (_text, _toldAt) = (text, time.GetTimestamp());
        return true;
    }

    public void End() => _text = null;
}
