using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MessageBus.Gateway.Jwt;

/// <summary>Durations as people write and read them: <c>90s</c>, <c>15m</c>, <c>1h</c>, <c>30d</c>.</summary>
internal static class Duration
{
    /// <summary>In the largest unit that leaves a whole number, roughly: "3 minutes".</summary>
    public static string Words(TimeSpan duration)
    {
        var (count, unit) = duration switch
        {
            { TotalDays: >= 2 } => ((long)duration.TotalDays, "day"),
            { TotalHours: >= 2 } => ((long)duration.TotalHours, "hour"),
            { TotalMinutes: >= 2 } => ((long)duration.TotalMinutes, "minute"),
            _ => ((long)Math.Ceiling(duration.TotalSeconds), "second"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{count} {unit}{(count is 1 ? "" : "s")}");
    }

    /// <summary>Reads <c>number</c> and one of <c>s m h d</c>; more than nothing and at most ten years.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out TimeSpan? duration)
    {
        duration = null;
        if (string.IsNullOrEmpty(text) || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        double seconds = text[^1] switch { 's' => count, 'm' => count * 60d, 'h' => count * 3600d, 'd' => count * 86400d, _ => 0 };
        duration = seconds is > 0 and <= 10 * 366 * 86400d ? TimeSpan.FromSeconds(seconds) : null;
        return duration is not null;
    }
}
