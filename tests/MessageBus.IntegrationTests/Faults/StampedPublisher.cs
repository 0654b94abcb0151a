using System.Diagnostics;
using System.Globalization;
using System.Text;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>
/// A backend that publishes 0, 1, 2, ... on each channel in turn, at an even pace, through a Redis that may come and go. It does not wait for the answers: on a
/// Redis that hangs its publications pile up, and come in one burst when that goes on. A number is never used twice: what became of one whose answer was lost
/// is open.
/// </summary>
public sealed class StampedPublisher : IAsyncDisposable
{
    // What it may be behind its pace and still catch up with: a burst of its own is not what it is there for.
    private static readonly TimeSpan CatchesUpWith = TimeSpan.FromMilliseconds(50);

    private readonly int _port;
    private readonly string[] _channels;
    private readonly TimeSpan _pause;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _publishing;
    private volatile bool _isGivenUp;
    private int _next;

    public StampedPublisher(int port, TimeSpan pause, params string[] channels)
    {
        _port = port;
        _pause = pause;
        _channels = channels;
        _publishing = Task.Run(PublishAsync);
    }

    /// <summary>The next number. What is published from now on has this one or a later one.</summary>
    public int Next => Volatile.Read(ref _next);

    /// <summary>Stops. Returns the last number, which has been published on every channel.</summary>
    public async Task<int> StopAsync()
    {
        await _stopping.CancelAsync();
        await Eventually.DoneAsync(_publishing, "the publisher ends");
        return _next - 1;
    }

    public async ValueTask DisposeAsync()
    {
        _isGivenUp = true;
        await StopAsync();
        _stopping.Dispose();
    }

    private async Task PublishAsync()
    {
        RespConnection? redis = null;
        var pace = Stopwatch.StartNew();
        var due = TimeSpan.Zero;
        for (var isLastPublished = false; !isLastPublished && !_isGivenUp;)
        {
            try
            {
                redis ??= new RespConnection(_port);
                var n = Interlocked.Increment(ref _next) - 1;
                var stamp = Encoding.ASCII.GetBytes(n.ToString(CultureInfo.InvariantCulture));
                var answered = await redis.SendAsync([.. _channels.Select(channel => (channel, stamp))]);
                if (_stopping.IsCancellationRequested)
                {
                    await answered;
                    isLastPublished = true;
                }
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or Xunit.Sdk.XunitException)
            {
                redis?.Dispose();
                redis = null;
            }

            due = TimeSpan.FromTicks(Math.Max((due + _pause).Ticks, (pace.Elapsed - CatchesUpWith).Ticks));
            if (due - pace.Elapsed is { Ticks: > 0 } rest)
            {
                await Task.WhenAny(Task.Delay(rest, _stopping.Token));
            }
        }

        redis?.Dispose();
    }
}
