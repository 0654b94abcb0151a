using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace MessageBus.Bench.Processes;

/// <summary>A redis-server of the bench's own: loopback, nothing on disk, no limit on what waits for a slow subscriber (a drop there would look like the system's loss).</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10);

    private ChildProcess? _process;

    public int Port { get; } = Machine.FreePort();

    public int Id => _process?.Id ?? 0;

    public async Task StartAsync(CancellationToken cancellation)
    {
        var command = new ProcessStartInfo("redis-server",
        [
            "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
            "--dir", Path.GetTempPath(), "--client-output-buffer-limit", "pubsub 0 0 0",
        ]);
        _process = ChildProcess.Start("redis-server", Launch.Pin(command, Machine.LoadCore));
        await _process.WaitUntilAsync(AnswersAsync, StartLimit, cancellation);
    }

    /// <summary>Ends the process as a crash would and starts another on the same port, with nothing in it.</summary>
    public async Task RestartAsync(CancellationToken cancellation)
    {
        await DisposeAsync();
        await StartAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _process = null;
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", Port);
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray());
            var answer = new byte[5];
            await client.GetStream().ReadExactlyAsync(answer);
            return answer.AsSpan().SequenceEqual("+PONG"u8);
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            return false;
        }
    }
}
