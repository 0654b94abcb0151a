using MessageBus.Brokers;

namespace MessageBus.Connections;

/// <summary>The publishes of one connection that are on their way to the broker. They are answered in the order they were sent.</summary>
internal sealed class PublishQueue
{
    // Enough to fill the round trip to the broker; beyond it the connection is not read until those are answered.
    private const int MaxInFlight = 128;

    private Task _last = Task.CompletedTask;
    private int _inFlight;

    /// <summary>Takes one; waits first where too many are on their way.</summary>
    public Task AddAsync(ValueTask<BrokerResult> publishing, Action<BrokerResult> answer)
    {
        if (_last.IsFaulted)
        {
            return _last;
        }

        if (publishing.IsCompletedSuccessfully && _last.IsCompletedSuccessfully)
        {
            answer(publishing.Result);
            return Task.CompletedTask;
        }

        _last = AnswerInTurnAsync(_last, publishing, answer);
        return Interlocked.Increment(ref _inFlight) < MaxInFlight ? Task.CompletedTask : _last;
    }

    /// <summary>Ends when all are answered.</summary>
    public Task DrainAsync() => _last;

    private async Task AnswerInTurnAsync(Task previous, ValueTask<BrokerResult> publishing, Action<BrokerResult> answer)
    {
        var result = await publishing;
        await previous;
        answer(result);
        Interlocked.Decrement(ref _inFlight);
    }
}
