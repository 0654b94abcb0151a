using System.Diagnostics;

namespace MessageBus.IntegrationTests.Support;

/// <summary>
/// redis-cli against a port of 127.0.0.1: what an operator types. Its output is the raw form, one element a line, as when it writes to a pipe.
/// </summary>
public sealed class RedisCli : IAsyncDisposable
{
    private const string HowToInstall = "apt-get install redis-server";

    private readonly Process _process;

    private RedisCli(Process process) => _process = process;

    /// <summary>Runs one command to its end: <c>await RedisCli.RunAsync(port, "PUBLISH", "a", "hello")</c> is <c>"1"</c>.</summary>
    public static async Task<string> RunAsync(int port, params string[] arguments) =>
        (await InstalledTool.RunAsync("redis-cli", HowToInstall, Arguments(port, arguments))).TrimEnd('\n');

    /// <summary>As <see cref="RunAsync"/>, with the last argument read from standard input (<c>-x</c>): for payloads that no command line can carry.</summary>
    public static async Task<string> RunWithInputAsync(int port, byte[] lastArgument, params string[] arguments) =>
        (await InstalledTool.RunAsync("redis-cli", HowToInstall, Arguments(port, ["-x", .. arguments]), input: lastArgument)).TrimEnd('\n');

    /// <summary>Starts a command that goes on: SUBSCRIBE, PSUBSCRIBE, MONITOR. Read it with <see cref="ReadLineAsync"/>; dispose it to end it.</summary>
    public static RedisCli Start(int port, params string[] arguments) =>
        new(InstalledTool.Start("redis-cli", HowToInstall, Arguments(port, arguments)));

    /// <summary>Starts SUBSCRIBE for one channel and returns once the server has acknowledged it.</summary>
    public static async Task<RedisCli> SubscribeAsync(int port, string channel)
    {
        var cli = Start(port, "SUBSCRIBE", channel);
        Assert.Equal(["subscribe", channel, "1"], await cli.ReadLinesAsync(3));
        return cli;
    }

    /// <summary>The next line of output.</summary>
    public async Task<string> ReadLineAsync() =>
        await Eventually.ResultAsync(_process.StandardOutput.ReadLineAsync(), "redis-cli writes a line")
        ?? throw new InvalidOperationException($"redis-cli has ended: {await _process.StandardError.ReadToEndAsync()}");

    /// <summary>The next lines of output: a message of a subscription is three.</summary>
    public async Task<IReadOnlyList<string>> ReadLinesAsync(int count)
    {
        var lines = new List<string>();
        while (lines.Count < count)
        {
            lines.Add(await ReadLineAsync());
        }

        return lines;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string[] Arguments(int port, string[] arguments) => ["-h", "127.0.0.1", "-p", $"{port}", .. arguments];
}
