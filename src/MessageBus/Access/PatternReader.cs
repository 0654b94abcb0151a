using MessageBus.Protocol;

namespace MessageBus.Access;

/// <summary>Reads a pattern into its segments. The grammar stands at <see cref="ChannelPattern"/>.</summary>
internal static class PatternReader
{
    private const string UserPlaceholder = "{user}";
    private const string ClaimStart = "{claim:";

    /// <summary>Null where <paramref name="text"/> is no pattern; then <paramref name="problem"/> says why.</summary>
    public static PatternSegment[]? Read(string? text, char separator, out string? problem)
    {
        if (string.IsNullOrEmpty(text))
        {
            problem = $"A pattern must not be empty. Right is, for example, 'chat{separator}*'; '**' stands for every channel.";
            return null;
        }

        var segments = new List<PatternSegment>();
        foreach (var segment in Split(text, separator))
        {
            if (segments.Count > 0 && segments[^1].Kind is SegmentKind.Rest)
            {
                problem = "'**' stands for the rest of the channel and must come last. For one segment write '*'.";
                return null;
            }

            problem = ReadSegment(segment, separator, out var read);
            if (problem is null && read.IsPlaceholder && segments.Contains(read))
            {
                problem = $"'{segment}' stands in it twice: a placeholder may stand once.";
            }

            if (problem is not null)
            {
                return null;
            }

            segments.Add(read);
        }

        // On the whole text: the separator may be the colon of the prefix.
        problem = ChannelName.IsReserved(text)
            ? "Channels that start with '__' or 'mb:' are reserved: no rule can open them."
            : null;
        return problem is null ? [.. segments] : null;
    }

    private static string? ReadSegment(string text, char separator, out PatternSegment segment)
    {
        segment = text switch
        {
            "*" => new(SegmentKind.Any, ""),
            "**" => new(SegmentKind.Rest, ""),
            UserPlaceholder => new(SegmentKind.User, ""),
            _ when text.StartsWith(ClaimStart, StringComparison.Ordinal) && text[^1] is '}' && text.Length > ClaimStart.Length + 1 =>
                new(SegmentKind.Claim, text[ClaimStart.Length..^1]),
            _ => new(SegmentKind.Literal, text),
        };
        return segment.Kind is SegmentKind.Literal ? ProblemOfLiteral(text, separator) : null;
    }

    private static string? ProblemOfLiteral(string text, char separator)
    {
        if (text.Length is 0)
        {
            return $"It has an empty segment: there must be something before, between and after each '{separator}'.";
        }

        if (text.AsSpan().IndexOfAny('{', '}') >= 0)
        {
            return $"'{text}' is no placeholder. A placeholder is a whole segment: '{{user}}', or '{{claim:NAME}}' with the name of a claim.";
        }

        return text.Contains('*', StringComparison.Ordinal)
            ? $"'{text}' has a '*' beside other characters. '*' and '**' are whole segments."
            : ChannelName.ProblemOfCharacters(text);
    }

    /// <summary>At the separators, except those within braces: the type of a claim may be an address.</summary>
    private static IEnumerable<string> Split(string text, char separator)
    {
        var start = 0;
        while (start <= text.Length)
        {
            var brace = start < text.Length && text[start] is '{' ? text.IndexOf('}', start) : -1;
            var next = text.IndexOf(separator, Math.Max(start, brace));
            var end = next < 0 ? text.Length : next;
            yield return text[start..end];
            start = end + 1;
        }
    }
}
