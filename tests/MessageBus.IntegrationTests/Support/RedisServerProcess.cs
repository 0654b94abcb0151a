using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MessageBus.IntegrationTests.Support;

/// <summary>
/// A real redis-server on a free port of 127.0.0.1 that keeps nothing on disk. It can be stopped, killed and started again on the same port.
/// Not thread-safe; disposing it leaves no process behind.
/// </summary>
public sealed class RedisServerProcess : IAsyncDisposable
{
    private const string HowToInstall = "apt-get install redis-server";
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    // Held also while the server is away: a port of the dead is given to the next who asks, and the server could not come back to it.
    private readonly HeldPort _port = new();
    private readonly string[] _extraArguments;
    private readonly ConcurrentQueue<string> _output = [];
    private Process? _process;

    private RedisServerProcess(string[] extraArguments) => _extraArguments = extraArguments;

    /// <summary>The port, the same over all restarts.</summary>
    public int Port => _port.Number;

    /// <inheritdoc cref="HeldPort.Endpoint"/>
    public string Endpoint => _port.Endpoint;

    /// <summary>Whether the process runs.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Starts a server and returns once it answers PING. Further arguments are redis.conf directives: <c>"--requirepass", "secret"</c>.</summary>
    public static async Task<RedisServerProcess> StartAsync(params string[] extraArguments)
    {
        var server = new RedisServerProcess(extraArguments);
        await server.LaunchAsync();
        return server;
    }

    /// <summary>Shuts the server down in an orderly way: its clients see their connections end.</summary>
    public async Task StopAsync()
    {
        if (_process is not { HasExited: false } process)
        {
            return;
        }

        await TryExchangeAsync("SHUTDOWN NOSAVE\r\n");
        using var limit = new CancellationTokenSource(StopLimit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
        }
    }

    /// <summary>Ends the server with SIGKILL, as a crash would.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    /// <summary>Makes the server hang, with its connections open, until <see cref="Thaw"/>.</summary>
    public void Freeze() => _process!.Freeze();

    public void Thaw() => _process!.Thaw();

    /// <summary>Starts the server again on its port, stopping it first if it runs. Returns once it answers PING.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await LaunchAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
        _port.Dispose();
    }

    private async Task LaunchAsync()
    {
        _process?.Dispose();
        _process = InstalledTool.Start("redis-server", HowToInstall,
            ["--port", $"{Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no", .. _extraArguments]);
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        await Eventually.TrueAsync(async () => _process.HasExited || await AnswersPingAsync(), "redis-server answers PING");
        Assert.False(_process.HasExited, $"redis-server does not start: {string.Join('\n', _output)}");
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _output.Enqueue(line);
        }
    }

    // A server with a password answers -NOAUTH, which is as good a sign of life; one that still loads answers -LOADING.
    private async Task<bool> AnswersPingAsync() =>
        await TryExchangeAsync("PING\r\n") is { } answer && (answer.StartsWith("+PONG", StringComparison.Ordinal) || answer.StartsWith("-NOAUTH", StringComparison.Ordinal));

    private async Task<string?> TryExchangeAsync(string inlineCommand)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, Port);
            await socket.SendAsync(Encoding.ASCII.GetBytes(inlineCommand));
            var answer = new byte[256];
            var length = await socket.ReceiveAsync(answer).WaitAsync(StopLimit);
            return Encoding.ASCII.GetString(answer, 0, length);
        }
        catch (Exception failure) when (failure is SocketException or TimeoutException)
        {
            return null;
        }
    }
}
