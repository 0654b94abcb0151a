using System.Threading.Channels;
using MessageBus.Protocol;

namespace MessageBus.Brokers;

/// <summary>A subscription to one of the <see cref="ControlChannels"/>. Disposing ends it.</summary>
internal sealed class ControlSubscription : IAsyncDisposable
{
    // Far more than gateways and operators have to say: what comes beyond is lost instead of filling the memory.
    private const int MaxWaiting = 10_000;

    private readonly Action<ReadOnlyMemory<byte>> _handler;
    private readonly Channel<byte[]>? _waiting;
    private readonly CancellationTokenSource _ending = new();
    private volatile bool _isAccepted;

    /// <param name="channel">What it is subscribed to.</param>
    /// <param name="handler">Takes the publications.</param>
    /// <param name="isQueued">Whether the handler has a thread of its own, or is called by the broker's.</param>
    public ControlSubscription(ChannelName channel, Action<ReadOnlyMemory<byte>> handler, bool isQueued)
    {
        Channel = channel;
        _handler = handler;
        _waiting = isQueued
            ? System.Threading.Channels.Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true })
            : null;
    }

    public ChannelName Channel { get; }

    /// <summary>The broker has acknowledged it: what is published from then on is heard.</summary>
    public bool IsAccepted
    {
        get => _isAccepted;
        set => _isAccepted = value;
    }

    /// <summary>Cancelled when it is disposed.</summary>
    public CancellationToken Ending => _ending.Token;

    /// <summary>Ends with the subscription.</summary>
    public Task Ended { get; set; } = Task.CompletedTask;

    /// <summary>Called by the thread that reads from the broker.</summary>
    public void Take(ReadOnlyMemory<byte> payload)
    {
        if (_waiting is null)
        {
            _handler(payload);
        }
        else
        {
            _waiting.Writer.TryWrite(payload.ToArray());
        }
    }

    /// <summary>Handles what was queued until it is cancelled. A handler that fails does not end it.</summary>
    public async Task HandleAllAsync(Action<Exception, ChannelName> onFailure, CancellationToken ending)
    {
        try
        {
            if (_waiting is null)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ending);
                return;
            }

            while (true)
            {
                var payload = await _waiting.Reader.ReadAsync(ending);
                try
                {
                    _handler(payload);
                }
                catch (Exception e)
                {
                    onFailure(e, Channel);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The subscription ends, or the gateway stops.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Ended;
        _ending.Dispose();
    }
}
