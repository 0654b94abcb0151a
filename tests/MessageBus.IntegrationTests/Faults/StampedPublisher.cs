using System.Globalization;
using System.Text;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>
/// A backend that publishes 0, 1, 2, ... on each channel in turn, without a pause of more than a few milliseconds, through a Redis that may come and go.
/// A number is never used twice: what became of one whose answer was lost is open.
/// </summary>
public sealed class StampedPublisher : IAsyncDisposable
{
    private readonly int _port;
    private readonly string[] _channels;
    private readonly TimeSpan _pause;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _publishing;
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
        await StopAsync();
        _stopping.Dispose();
    }

    private async Task PublishAsync()
    {
        RespConnection? redis = null;
        var isPublished = true;
        while (!_stopping.IsCancellationRequested || !isPublished)
        {
            try
            {
                redis ??= new RespConnection(_port);
                var n = Interlocked.Increment(ref _next) - 1;
                isPublished = false;
                await redis.PublishAsync(_channels.Select(channel => (channel, Encoding.ASCII.GetBytes(n.ToString(CultureInfo.InvariantCulture)))));
                isPublished = true;
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or Xunit.Sdk.XunitException)
            {
                redis?.Dispose();
                redis = null;
            }

            await Task.WhenAny(Task.Delay(_pause, _stopping.Token));
        }

        redis?.Dispose();
    }
}
