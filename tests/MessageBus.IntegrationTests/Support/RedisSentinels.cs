using System.Diagnostics;

namespace MessageBus.IntegrationTests.Support;

/// <summary>A primary with two replicas, watched by three real Sentinels that call it <c>main</c>. Disposing leaves nothing behind.</summary>
public sealed class RedisSentinels : IAsyncDisposable
{
    private const string HowToInstall = "apt-get install redis-server";

    private readonly List<RedisServerProcess> _servers = [];
    private readonly List<HeldPort> _ports = [];
    private readonly List<Process> _sentinels = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sentinels-");

    private RedisSentinels()
    {
    }

    public IReadOnlyList<RedisServerProcess> Servers => _servers;

    /// <summary>The connection string that names the Sentinels.</summary>
    public string ConnectionString => $"{string.Join(',', _ports.Select(port => port.Endpoint))},serviceName=main";

    /// <summary>Returns once each Sentinel knows both replicas and both other Sentinels.</summary>
    public static async Task<RedisSentinels> StartAsync()
    {
        var set = new RedisSentinels();
        set._servers.Add(await RedisServerProcess.StartAsync());
        var primary = set._servers[0].Port;
        for (var replica = 0; replica < 2; replica++)
        {
            set._servers.Add(await RedisServerProcess.StartAsync("--replicaof", $"127.0.0.1 {primary}", "--repl-diskless-sync-delay", "0"));
        }

        for (var sentinel = 0; sentinel < 3; sentinel++)
        {
            await set.LaunchAsync(sentinel, primary);
        }

        foreach (var port in set._ports)
        {
            await Eventually.TrueAsync(async () => await KnowsAllAsync(port.Number), "a Sentinel knows all others");
        }

        return set;
    }

    /// <summary>The server that the first Sentinel names.</summary>
    public async Task<RedisServerProcess> PrimaryAsync()
    {
        var port = (await RedisCli.RunAsync(_ports[0].Number, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main")).Split('\n')[1];
        return _servers.Single(server => $"{server.Port}" == port);
    }

    /// <summary>Plans a failover, and returns once the role of a replica is the primary's.</summary>
    public async Task FailOverAsync()
    {
        var before = await PrimaryAsync();
        Assert.Equal("OK", await RedisCli.RunAsync(_ports[1].Number, "SENTINEL", "FAILOVER", "main"));
        await PromotedAsync(before);
    }

    /// <summary>Returns once another than <paramref name="before"/> is the primary.</summary>
    public Task PromotedAsync(RedisServerProcess before) => Eventually.TrueAsync(
        async () =>
        {
            foreach (var server in _servers.Where(one => one != before))
            {
                if ((await RedisCli.RunAsync(server.Port, "ROLE")).StartsWith("master", StringComparison.Ordinal))
                {
                    return true;
                }
            }

            return false;
        },
        "a replica is promoted");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var sentinel in _sentinels)
        {
            sentinel.Kill();
            await sentinel.WaitForExitAsync();
            sentinel.Dispose();
        }

        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        _ports.ForEach(port => port.Dispose());
        _folder.Delete(recursive: true);
    }

    private static async Task<bool> KnowsAllAsync(int port)
    {
        try
        {
            var lines = (await RedisCli.RunAsync(port, "SENTINEL", "MASTER", "main")).Split('\n');
            return lines[Array.IndexOf(lines, "num-slaves") + 1] is "2" && lines[Array.IndexOf(lines, "num-other-sentinels") + 1] is "2";
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return false;
        }
    }

    private async Task LaunchAsync(int number, int primary)
    {
        var port = new HeldPort();
        _ports.Add(port);
        var file = Path.Combine(_folder.FullName, $"{number}.conf");
        await File.WriteAllTextAsync(file,
            $"""
            port {port.Number}
            bind 127.0.0.1
            dir {_folder.FullName}
            sentinel monitor main 127.0.0.1 {primary} 2
            sentinel down-after-milliseconds main 2000
            sentinel failover-timeout main 10000

            """);
        var process = InstalledTool.Start("redis-server", HowToInstall, [file, "--sentinel"]);
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        _sentinels.Add(process);
    }
}
