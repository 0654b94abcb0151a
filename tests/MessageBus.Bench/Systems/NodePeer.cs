using System.Diagnostics;
using System.Globalization;
using MessageBus.Bench.Processes;

namespace MessageBus.Bench.Systems;

/// <summary>A peer that comes from npm: Peers/NAME/server.js with its packages pinned by package-lock.json, installed on demand.</summary>
internal sealed class NodePeer(string name, string peer, string dialect, bool tls, string runtime) : ISystem
{
    private string Folder => Repository.Peer(peer);

    public string Name => name;

    public string Dialect => dialect;

    public bool Tls => tls;

    public string? HealthPath => null;

    public async Task<string?> PrepareAsync(CancellationToken cancellation)
    {
        if (Launch.Find("node") is null)
            return "node is missing";
        if (Launch.Find("npm") is null)
            return "npm is missing";
        if (!IsInstalled())
        {
            // No install scripts: both peers' native parts come ready in their packages.
            var install = new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]) { WorkingDirectory = Folder };
            if (await ChildProcess.RunAsync("npm ci", install, cancellation) is { } failure)
                return failure;
        }

        return File.Exists(Executable()) ? null : $"{runtime} is missing for this kind of machine";
    }

    public ProcessStartInfo Command(Placement placement)
    {
        var command = new ProcessStartInfo(Executable(), ["server.js"]) { WorkingDirectory = Folder };
        command.Environment["NODE_ENV"] = "production";
        command.Environment["PORT"] = placement.Port.ToString(CultureInfo.InvariantCulture);
        command.Environment["REDIS_PORT"] = placement.RedisPort.ToString(CultureInfo.InvariantCulture);
        if (tls)
        {
            command.Environment["TLS_CERTIFICATE"] = placement.Certificate.Path;
            command.Environment["TLS_KEY"] = placement.Certificate.KeyPath;
        }

        return command;
    }

    /// <summary>npm notes what it has installed; older than the lock file means outdated.</summary>
    private bool IsInstalled()
    {
        var installed = new FileInfo(Path.Combine(Folder, "node_modules", ".package-lock.json"));
        return installed.Exists && installed.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json"));
    }

    private string Executable() => runtime == "node"
        ? Launch.Find("node") ?? "node"
        : Path.Combine(Folder, "node_modules", "@oven", "bun-linux-x64", "bin", "bun");
}
