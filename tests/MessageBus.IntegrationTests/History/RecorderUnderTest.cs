using System.Net;
using System.Net.Sockets;
using MessageBus.IntegrationTests.Support;
using MessageBus.Redis.Recording;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessageBus.IntegrationTests.History;

/// <summary>One gateway's recorder without the gateway.</summary>
internal sealed class RecorderUnderTest : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly int _port;
    private readonly Recorder _recorder;
    private readonly Task _running;

    public RecorderUnderTest(int port, RecordedChannels channels)
    {
        _port = port;
        Names = new HistoryNames(channels.Fingerprint);
        _recorder = new Recorder(DialAsync, Names, channels, RecordingOptions.Default, Metrics, TimeProvider.System, NullLogger<Recorder>.Instance);
        _running = _recorder.RunAsync(_stop.Token);
    }

    public HistoryNames Names { get; }

    public RecordingMetrics Metrics { get; } = new();

    public RecordingRole Role => _recorder.Session?.Report().Role ?? RecordingRole.Watcher;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Eventually.DoneAsync(_running, "the recorder stops");
        _stop.Dispose();
    }

    private async Task<Stream> DialAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, _port, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
