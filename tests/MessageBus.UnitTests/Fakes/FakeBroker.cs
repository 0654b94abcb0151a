using System.Threading.Channels;
using MessageBus.Brokers;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Fakes;

/// <summary>A broker whose calls wait until the test answers them.</summary>
internal sealed class FakeBroker : IBroker
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly Channel<FakeBrokerCall> _calls = Channel.CreateUnbounded<FakeBrokerCall>();

    public BrokerState State => BrokerState.Up;

    /// <summary>Calls that have come and that no test has taken yet.</summary>
    public int Waiting => _calls.Reader.Count;

    /// <summary>The next call, once it comes.</summary>
    public async Task<FakeBrokerCall> NextCallAsync() => await _calls.Reader.ReadAsync().AsTask().WaitAsync(Limit);

    public Task StartAsync(IBrokerSink sink, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask<BrokerResult> PublishAsync(ChannelName channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        await Call($"publish {channel}");

    public Task<BrokerResult> SubscribeAsync(ChannelName channel, CancellationToken cancellationToken) => Call($"subscribe {channel}");

    public Task UnsubscribeAsync(ChannelName channel, CancellationToken cancellationToken) => Call($"unsubscribe {channel}");

    private Task<BrokerResult> Call(string what)
    {
        var call = new FakeBrokerCall(what);
        _calls.Writer.TryWrite(call);
        return call.Result;
    }
}

/// <summary>One call, such as <c>subscribe orders/42</c>, that waits for its answer.</summary>
internal sealed class FakeBrokerCall(string what)
{
    private readonly TaskCompletionSource<BrokerResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string What { get; } = what;

    public Task<BrokerResult> Result => _result.Task;

    public void Answer(BrokerResult result = BrokerResult.Accepted) => _result.SetResult(result);

    public void Fail(Exception fault) => _result.SetException(fault);
}
