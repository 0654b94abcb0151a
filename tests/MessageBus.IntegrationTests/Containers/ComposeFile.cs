using System.Text.Json;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Containers;

/// <summary>docker-compose.yml as docker-compose understands it: variables filled in with their defaults, anchors merged.</summary>
internal sealed class ComposeFile
{
    private const string HowToInstall = "apt-get install docker-compose";

    // docker-compose 1.29 writes YAML only; it is a Python program that needs Python's yaml itself.
    private const string ToJson = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout, default=str)";

    private readonly JsonElement _services;

    private ComposeFile(JsonElement services) => _services = services;

    public IEnumerable<ComposeService> Services => _services.EnumerateObject().Select(service => new ComposeService(service.Name, service.Value));

    public ComposeService this[string name] => new(name, _services.GetProperty(name));

    /// <summary>All of its services, also those of profiles.</summary>
    public static async Task<ComposeFile> ReadAsync()
    {
        string[] profiles = ["--profile", "demo", "--profile", "scale", "--profile", "observability", "--profile", "tools"];
        var version = await InstalledTool.RunAsync("docker-compose", HowToInstall, ["version", "--short"]);
        var json = version.StartsWith("1.", StringComparison.Ordinal)
            ? await ToJsonAsync(await InstalledTool.RunAsync("docker-compose", HowToInstall, [.. profiles, "config"], GatewayProcess.RepositoryRoot))
            : await InstalledTool.RunAsync("docker-compose", HowToInstall, [.. profiles, "config", "--format", "json"], GatewayProcess.RepositoryRoot);
        return new ComposeFile(JsonSerializer.Deserialize<JsonElement>(json).GetProperty("services"));
    }

    private static Task<string> ToJsonAsync(string yaml) =>
        InstalledTool.RunAsync("/usr/bin/python3", "apt-get install python3-yaml", ["-c", ToJson], input: System.Text.Encoding.UTF8.GetBytes(yaml));
}

/// <summary>One service of it. docker-compose 1.29 and compose v2 write some of it in different forms.</summary>
internal sealed record ComposeService(string Name, JsonElement Settings)
{
    public string Image => Text("image");

    public string[] Command => Words("command");

    public string[] Entrypoint => Words("entrypoint");

    public string[] HealthCheck => [.. Words("healthcheck", "test")];

    public IReadOnlyDictionary<string, string> Environment =>
        TryGet(out var environment, "environment") ? environment.EnumerateObject().ToDictionary(one => one.Name, one => Unescape($"{one.Value}")) : [];

    /// <summary>Source and target.</summary>
    public IEnumerable<(string Source, string Target, bool ReadOnly)> Volumes => Items("volumes").Select(volume =>
        volume.ValueKind is JsonValueKind.String
            ? volume.GetString()!.Split(':') is var parts ? (parts[0], parts[1], parts is [_, _, "ro"]) : default
            : (volume.GetProperty("source").GetString()!, volume.GetProperty("target").GetString()!, volume.TryGetProperty("read_only", out var readOnly) && readOnly.GetBoolean()));

    /// <summary>Published port, with its address where it has one, and the service's own.</summary>
    public IEnumerable<(string Published, string Target)> Ports => Items("ports").Select(port =>
    {
        if (port.ValueKind is JsonValueKind.String)
        {
            var text = port.GetString()!.Split('/')[0];
            var colon = text.LastIndexOf(':');
            return (text[..colon], text[(colon + 1)..]);
        }

        var address = port.TryGetProperty("host_ip", out var host) ? $"{host}:" : "";
        return ($"{address}{port.GetProperty("published")}", $"{port.GetProperty("target")}");
    });

    public IEnumerable<string> Texts(string name) => Items(name).Select(item => item.GetString()!);

    public string Text(params string[] path) => TryGet(out var value, path) ? Unescape(value.ToString()) : "";

    private List<JsonElement> Items(string name) => TryGet(out var items, name) ? [.. items.EnumerateArray()] : [];

    private string[] Words(params string[] path) => TryGet(out var words, path) && words.ValueKind is JsonValueKind.Array ? [.. words.EnumerateArray().Select(word => Unescape(word.GetString()!))] : [];

    private bool TryGet(out JsonElement value, params string[] path)
    {
        value = Settings;
        foreach (var name in path)
        {
            if (!value.TryGetProperty(name, out value) || value.ValueKind is JsonValueKind.Null)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Dollars are doubled, so that the output could be read again.</summary>
    private static string Unescape(string text) => text.Replace("$$", "$", StringComparison.Ordinal);
}
