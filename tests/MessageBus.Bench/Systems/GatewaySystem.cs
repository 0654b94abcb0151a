using System.Diagnostics;

namespace MessageBus.Bench.Systems;

/// <summary>Our gateway, as it ships: its host in Production, on the bench's Redis.</summary>
internal sealed class GatewaySystem(string name, bool tls, string gateway, params (string Key, string Value)[] settings) : ISystem
{
    public string Name => name;

    /// <summary>Whether it is configured differently from how it ships, for a scenario that compares the two.</summary>
    public bool IsVariant => settings.Length > 0;

    public string Dialect => "messagebus";

    public bool Tls => tls;

    public string HealthPath => "/health/ready";

    public Task<string?> PrepareAsync(CancellationToken cancellation) =>
        Task.FromResult(File.Exists(gateway) ? null : $"{gateway} is missing: dotnet build -c {Repository.Configuration}");

    public ProcessStartInfo Command(Placement placement)
    {
        var command = new ProcessStartInfo("dotnet", [gateway, "--urls", $"{(tls ? "https" : "http")}://127.0.0.1:{placement.Port}"])
        {
            WorkingDirectory = Path.GetDirectoryName(gateway),
        };
        command.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        command.Environment["ConnectionStrings__Redis"] = $"127.0.0.1:{placement.RedisPort}";
        command.Environment["MessageBus__AllowAnonymous"] = "true";

        // All clients come from one address, and at once.
        foreach (var limit in new[] { "MaxHandshakesPerSecond", "MaxHandshakesPerSecondPerAddress", "MaxConnectionsPerAddress" })
            command.Environment[$"MessageBus__Limits__{limit}"] = "1000000";
        if (tls)
        {
            command.Environment["MessageBus__Certificate__Path"] = placement.Certificate.Path;
            command.Environment["MessageBus__Certificate__KeyPath"] = placement.Certificate.KeyPath;
        }

        foreach (var (key, value) in settings)
            command.Environment[key] = value;
        return command;
    }
}
