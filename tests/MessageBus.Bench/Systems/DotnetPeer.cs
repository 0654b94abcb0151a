using System.Diagnostics;
using System.Globalization;
using MessageBus.Bench.Processes;

namespace MessageBus.Bench.Systems;

/// <summary>A peer written in this project (Peers/): this executable, started to serve.</summary>
internal sealed class DotnetPeer(string name, string peer, string dialect, bool tls) : ISystem
{
    public string Name => name;

    public string Dialect => dialect;

    public bool Tls => tls;

    public string? HealthPath => null;

    public Task<string?> PrepareAsync(CancellationToken cancellation) => Task.FromResult<string?>(null);

    public ProcessStartInfo Command(Placement placement)
    {
        string[] certificate = tls ? [placement.Certificate.Path, placement.Certificate.KeyPath] : [];
        return Launch.Self(
            ["serve", peer, Text(placement.Port), Text(placement.RedisPort), .. certificate]);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
