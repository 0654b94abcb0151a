using MessageBus.Brokers;
using MessageBus.Connections;

namespace MessageBus.UnitTests.Connections;

public sealed class PublishQueueTests
{
    private const int MaxInFlight = 128;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly PublishQueue _queue = new();
    private readonly List<string> _answers = [];

    [Fact]
    public async Task Answers_keep_the_order_of_the_commands_although_the_broker_does_not()
    {
        var publishes = Enumerable.Range(0, 5).Select(Add).ToList();

        foreach (var index in new[] { 3, 1, 4, 2 })
        {
            publishes[index].SetResult(BrokerResult.Accepted);
        }

        Assert.Empty(_answers);
        publishes[0].SetResult(BrokerResult.Unavailable);
        await _queue.DrainAsync().WaitAsync(Limit);

        Assert.Equal(["0 Unavailable", "1 Accepted", "2 Accepted", "3 Accepted", "4 Accepted"], _answers);
    }

    [Fact]
    public void Publish_that_is_accepted_at_once_is_answered_at_once()
    {
        var adding = _queue.AddAsync(new(BrokerResult.Accepted), result => _answers.Add($"{result}"));

        Assert.True(adding.IsCompletedSuccessfully);
        Assert.Equal(["Accepted"], _answers);
    }

    [Fact]
    public async Task Publish_that_is_accepted_at_once_still_waits_for_those_before_it()
    {
        var first = Add(0);
        _ = _queue.AddAsync(new(BrokerResult.Accepted), result => _answers.Add($"1 {result}"));
        Assert.Empty(_answers);

        first.SetResult(BrokerResult.Accepted);
        await _queue.DrainAsync().WaitAsync(Limit);

        Assert.Equal(["0 Accepted", "1 Accepted"], _answers);
    }

    [Fact]
    public async Task Too_many_in_flight_hold_the_connection_up_until_they_are_answered()
    {
        var publishes = new List<TaskCompletionSource<BrokerResult>>();
        var added = new List<Task>();
        for (var i = 0; i < MaxInFlight; i++)
        {
            publishes.Add(new TaskCompletionSource<BrokerResult>());
            added.Add(_queue.AddAsync(new(publishes[i].Task), _ => _answers.Add("answered")));
        }

        Assert.All(added.SkipLast(1), adding => Assert.True(adding.IsCompletedSuccessfully));
        Assert.False(added[^1].IsCompleted);

        publishes.ForEach(publish => publish.SetResult(BrokerResult.Accepted));
        await added[^1].WaitAsync(Limit);

        Assert.Equal(MaxInFlight, _answers.Count);
        Assert.True(_queue.AddAsync(new(new TaskCompletionSource<BrokerResult>().Task), _ => { }).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Broker_that_throws_is_met_by_the_next_command_and_by_the_end()
    {
        var publish = Add(0);

        publish.SetException(new InvalidOperationException("a fault of the test"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => _queue.DrainAsync().WaitAsync(Limit));
        await Assert.ThrowsAsync<InvalidOperationException>(() => _queue.AddAsync(new(BrokerResult.Accepted), _ => _answers.Add("answered")));
        Assert.Empty(_answers);
    }

    [Fact]
    public void Nothing_to_drain_ends_at_once()
    {
        Assert.True(_queue.DrainAsync().IsCompletedSuccessfully);
    }

    private TaskCompletionSource<BrokerResult> Add(int number)
    {
        var publishing = new TaskCompletionSource<BrokerResult>();
        var adding = _queue.AddAsync(new(publishing.Task), result => _answers.Add($"{number} {result}"));
        Assert.True(adding.IsCompletedSuccessfully);
        return publishing;
    }
}
