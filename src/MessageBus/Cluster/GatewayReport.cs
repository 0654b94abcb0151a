using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace MessageBus.Cluster;

/// <summary>
/// What a gateway says of itself to the others, as one JSON object: counts since its start, and what it has at the moment. Whoever may publish on the
/// broker can write one, so what is read is checked, and nothing but a list for operators is made of it.
/// </summary>
internal sealed partial record GatewayReport
{
    /// <summary>Ours has some 400 bytes, and a newer gateway may have more to say.</summary>
    public const int MaxBytes = 4096;

    private const int MaxTextLength = 253;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter<GatewayPhase>(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>Of the process: another one after a restart.</summary>
    public required string Id { get; init; }

    public required string Host { get; init; }

    public required string Version { get; init; }

    /// <summary>By the clock of its machine.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>Seconds since then that no change of that clock moves: what rates are taken over.</summary>
    public required double Uptime { get; init; }

    /// <summary>Seconds between two of its reports.</summary>
    public required double Interval { get; init; }

    public required GatewayPhase Phase { get; init; }

    public required bool IsBrokerUp { get; init; }

    public required long Connections { get; init; }

    public required long Channels { get; init; }

    public required long Subscriptions { get; init; }

    /// <summary>Publications that the broker has brought.</summary>
    public required long Received { get; init; }

    /// <summary>Publications of its clients and of its API that the broker has taken.</summary>
    public required long Sent { get; init; }

    /// <summary>Publications times the subscriptions that they were given to.</summary>
    public required long Deliveries { get; init; }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Null where it is no such report. Unknown fields are ignored: they are a newer gateway's.</summary>
    public static GatewayReport? Read(ReadOnlySpan<byte> json)
    {
        if (json.Length > MaxBytes)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<GatewayReport>(json, Json) is { IsSensible: true } report ? report : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second one: a lone surrogate.
            return null;
        }
    }

    /// <summary>The name of a machine as it can stand in a report.</summary>
    public static string HostText(string name)
    {
        var text = new string([.. name.Select(letter => letter is >= '!' and <= '~' ? letter : '?').Take(MaxTextLength)]);
        return text.Length > 0 ? text : "?";
    }

    private bool IsSensible =>
        IdForm().IsMatch(Id) && IsText(Host) && IsText(Version)
        && Uptime is >= 0 and < 1e10 && Interval is >= 0.05 and <= 3600
        && (Connections | Channels | Subscriptions | Received | Sent | Deliveries) >= 0;

    private static bool IsText(string text) => text.Length is > 0 and <= MaxTextLength && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    [GeneratedRegex(@"\Ag-[A-Za-z0-9_-]{16}\z")]
    private static partial Regex IdForm();
}

/// <summary>Where a gateway is in its life.</summary>
internal enum GatewayPhase
{
    Running,

    /// <summary>It is being stopped, and sends its connections away.</summary>
    Draining,

    /// <summary>Its last word: it is gone on purpose.</summary>
    Stopped,
}
