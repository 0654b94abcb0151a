using System.Text.Json;

namespace MessageBus.Gateway.Jwt;

/// <summary>What a stranger wrote, so that it cannot pass for our words or steer a terminal: in quotes, escaped, cut.</summary>
internal static class Quoted
{
    private const int MaxLength = 100;

    public static string Text(string text) => JsonSerializer.Serialize(text.Length > MaxLength ? string.Concat(text.AsSpan(0, MaxLength), "...") : text);
}
