using System.Text.Json;

namespace MessageBus.UnitTests.Protocol;

/// <summary>The golden frames of <c>tests/protocol-vectors</c>.</summary>
internal static class Vectors
{
    public static IReadOnlyDictionary<string, JsonElement> Client { get; } = Load("client.json");

    public static IReadOnlyDictionary<string, JsonElement> Server { get; } = Load("server.json");

    public static string? StringOrNull(this JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    public static int? NumberOrNull(this JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetInt32() : null;

    private static Dictionary<string, JsonElement> Load(string file)
    {
        using var stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "protocol-vectors", file));
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.EnumerateArray().ToDictionary(vector => vector.GetProperty("name").GetString()!, vector => vector.Clone());
    }
}
