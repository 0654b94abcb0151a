using System.Collections.Concurrent;
using MessageBus.Protocol;
using Microsoft.Extensions.Logging;

namespace MessageBus.Brokers;

/// <summary>
/// The reserved channels (<c>mb:</c>) on which gateways talk to each other, and to themselves. No client can name one. Their publications are taken out of what
/// the broker brings before it reaches the channel table. Any thread.
/// </summary>
internal sealed partial class ControlChannels(IBroker broker, TimeProvider time, ILogger<ControlChannels> logger) : IDisposable
{
    // A broker that is away answers at once; this is how long the gateway may not hear the others after its return.
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<ChannelName, ControlSubscription> _subscriptions = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ILogger _logger = logger;

    /// <summary>The broker is there, or back, with every channel subscribed. Called on the thread that reads from the broker.</summary>
    public event Action? Restored;

    /// <summary>Passes on to <paramref name="sink"/> everything but the control channels.</summary>
    public IBrokerSink Before(IBrokerSink sink) => new ControlSink(this, sink);

    /// <summary>
    /// Subscribes for as long as the gateway runs, or until the result is disposed. Returns after the first attempt; where the broker is away it is tried again
    /// every second. An accepted subscription survives the loss of the broker.
    /// </summary>
    /// <param name="name">Without the prefix, for example <c>gateways</c>. One subscription each.</param>
    /// <param name="handler">Called with one publication after the other, on a thread of the pool. What comes too fast is lost.</param>
    /// <param name="cancellationToken">Ends the first attempt.</param>
    public Task<ControlSubscription> SubscribeAsync(string name, Action<ReadOnlyMemory<byte>> handler, CancellationToken cancellationToken) =>
        SubscribeAsync(new ControlSubscription(ChannelName.OfGateways(name), handler, isQueued: true), cancellationToken);

    /// <summary>The same, with a handler that never blocks: it is called on the thread that reads from the broker, and does not keep the memory.</summary>
    public Task<ControlSubscription> ListenAsync(string name, Action<ReadOnlyMemory<byte>> handler, CancellationToken cancellationToken) =>
        SubscribeAsync(new ControlSubscription(ChannelName.OfGateways(name), handler, isQueued: false), cancellationToken);

    /// <summary>Gateways that are cut off from the broker at the moment do not hear it.</summary>
    public ValueTask<BrokerResult> PublishAsync(string name, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        broker.PublishAsync(ChannelName.OfGateways(name), payload, cancellationToken);

    /// <summary>Ends the subscriptions without telling the broker, which ends with the gateway. May be called again.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_subscriptions.Values.Select(subscription => subscription.Ended));
    }

    /// <summary>For a host that failed to start. The source itself is kept: a stop may still come.</summary>
    public void Dispose() => _stopping.Cancel();

    private async Task<ControlSubscription> SubscribeAsync(ControlSubscription subscription, CancellationToken cancellationToken)
    {
        if (!_subscriptions.TryAdd(subscription.Channel, subscription))
        {
            throw new InvalidOperationException($"There is a subscription to {subscription.Channel} already.");
        }

        // Before the first attempt, so that the time that it takes counts.
        var retries = new PeriodicTimer(RetryInterval, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        try
        {
            await TrySubscribeAsync(subscription, either.Token);
        }
        catch (OperationCanceledException)
        {
            _subscriptions.TryRemove(subscription.Channel, out _);
            retries.Dispose();
            throw;
        }

        subscription.Ended = RunAsync(subscription, retries);
        return subscription;
    }

    private async Task RunAsync(ControlSubscription subscription, PeriodicTimer retries)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(subscription.Ending, _stopping.Token);
        await Task.WhenAll(RetryAsync(subscription, retries, ending.Token), subscription.HandleAllAsync(LogHandlerFailed, ending.Token));
        _subscriptions.TryRemove(subscription.Channel, out _);
        if (subscription.IsAccepted && !_stopping.IsCancellationRequested)
        {
            await broker.UnsubscribeAsync(subscription.Channel, CancellationToken.None);
        }
    }

    private async Task RetryAsync(ControlSubscription subscription, PeriodicTimer retries, CancellationToken ending)
    {
        using (retries)
        {
            try
            {
                while (!subscription.IsAccepted && await retries.WaitForNextTickAsync(ending))
                {
                    await TrySubscribeAsync(subscription, ending);
                }
            }
            catch (OperationCanceledException)
            {
                // The subscription ends, or the gateway stops.
            }
        }
    }

    private async Task TrySubscribeAsync(ControlSubscription subscription, CancellationToken cancellationToken)
    {
        try
        {
            subscription.IsAccepted = await broker.SubscribeAsync(subscription.Channel, cancellationToken) is BrokerResult.Accepted;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogSubscribingFailed(e, subscription.Channel);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Subscribing to the gateways' channel {Channel} failed; the gateway tries again.")]
    private partial void LogSubscribingFailed(Exception exception, ChannelName channel);

    [LoggerMessage(Level = LogLevel.Error, Message = "A publication on the gateways' channel {Channel} could not be handled.")]
    private partial void LogHandlerFailed(Exception exception, ChannelName channel);

    private sealed class ControlSink(ControlChannels control, IBrokerSink sink) : IBrokerSink
    {
        public void Deliver(in Publication publication)
        {
            if (!publication.Channel.IsOfGateways)
            {
                sink.Deliver(publication);
            }
            else if (control._subscriptions.TryGetValue(publication.Channel, out var subscription))
            {
                subscription.Take(publication.Payload);
            }
        }

        public void Missed(ChannelName channel) => sink.Missed(channel);

        public void BrokerLost() => sink.BrokerLost();

        public void BrokerRestored()
        {
            control.Restored?.Invoke();
            sink.BrokerRestored();
        }
    }
}
