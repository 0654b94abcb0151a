using System.Diagnostics.CodeAnalysis;
using System.Text;
using MessageBus.Protocol;

namespace MessageBus.Access;

/// <summary>
/// Which channels a rule, an automatic subscription, a right in a token or a pattern subscription is about:
/// <code>
/// pattern = segment *( separator segment )      the separator is <see cref="AccessOptions.ChannelSeparator"/>
/// segment = "*"                 any one segment that is not empty
///         | "**"                the rest, at least one character; only as the last segment
///         | "{user}"            the caller's own user name
///         | "{claim:" TYPE "}"  one of the caller's own values of this claim
///         | literal             these characters
/// </code>
/// A placeholder is compared with one segment of the channel, and never becomes part of a pattern: a value with the separator or <c>*</c> matches nothing.
/// The patterns that clients subscribe to have no placeholders. Matching allocates nothing.
/// </summary>
public sealed class ChannelPattern
{
    /// <summary>What divides a channel's name where nothing else is set.</summary>
    public const char DefaultSeparator = '/';

    private readonly PatternSegment[] _segments;
    private readonly string _text;
    private readonly char _separator;

    private ChannelPattern(string text, PatternSegment[] segments, char separator)
    {
        _text = text;
        _segments = segments;
        _separator = separator;
    }

    /// <summary>Whether it stands for different channels with different callers.</summary>
    public bool HasPlaceholders => Array.Exists(_segments, segment => segment.IsPlaceholder);

    /// <summary>Whether <c>*</c> or <c>**</c> is in it.</summary>
    public bool HasWildcards => Array.Exists(_segments, segment => segment.Kind is SegmentKind.Any or SegmentKind.Rest);

    /// <summary>The same with <see cref="DefaultSeparator"/>.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ChannelPattern? pattern, [NotNullWhen(false)] out string? problem) =>
        TryParse(text, DefaultSeparator, out pattern, out problem);

    /// <summary>Takes <paramref name="text"/> as a pattern if it is one; otherwise says in <paramref name="problem"/> what is wrong and what is right.</summary>
    public static bool TryParse(string? text, char separator, [NotNullWhen(true)] out ChannelPattern? pattern, [NotNullWhen(false)] out string? problem)
    {
        var segments = PatternReader.Read(text, separator, out problem);
        pattern = segments is null ? null : new ChannelPattern(text!, segments, separator);
        return problem is null;
    }

    /// <summary>
    /// The same for what a client subscribes to: at most as long as a channel's name, without placeholders and with a wildcard, so that no pattern is a
    /// channel's name too. What is none is answered <c>bad_pattern</c> with <paramref name="problem"/>.
    /// </summary>
    internal static bool TryParseSubscription(string? text, char separator, [NotNullWhen(true)] out ChannelPattern? pattern, [NotNullWhen(false)] out string? problem)
    {
        pattern = null;
        if (text is { Length: > ChannelName.MaxBytes } || Encoding.UTF8.GetByteCount(text ?? "") > ChannelName.MaxBytes)
        {
            problem = $"A pattern is at most {ChannelName.MaxBytes} bytes of UTF-8.";
        }
        else if (TryParse(text, separator, out var parsed, out problem))
        {
            problem = parsed.HasPlaceholders ? "Placeholders are for rules: write the user's name or the value itself."
                : !parsed.HasWildcards ? "It has neither '*' nor '**': subscribe to the channel itself."
                : null;
            pattern = problem is null ? parsed : null;
        }

        return pattern is not null;
    }

    /// <summary>The pattern as it was written.</summary>
    public override string ToString() => _text;

    internal bool Matches(ChannelName channel, Caller caller)
    {
        var rest = channel.Value.AsSpan();
        for (var i = 0; i < _segments.Length; i++)
        {
            if (_segments[i].Kind is SegmentKind.Rest)
            {
                return !rest.IsEmpty;
            }

            var end = rest.IndexOf(_separator);
            var endsHere = end < 0;
            if (endsHere != (i == _segments.Length - 1) || !_segments[i].Matches(endsHere ? rest : rest[..end], caller))
            {
                return false;
            }

            rest = endsHere ? [] : rest[(end + 1)..];
        }

        return true;
    }

    /// <summary>
    /// Whether this pattern, with the placeholders of <paramref name="caller"/>, matches every name that <paramref name="subscription"/> does. Decided on the
    /// segments: a literal covers itself, <c>*</c> every segment but <c>**</c>, and <c>**</c> every rest.
    /// </summary>
    /// <param name="subscription">A pattern without placeholders, with the same separator.</param>
    /// <param name="caller">Whose placeholders count.</param>
    internal bool Covers(ChannelPattern subscription, Caller caller)
    {
        var other = subscription._segments;
        for (var i = 0; i < _segments.Length; i++)
        {
            if (i == other.Length)
            {
                return false;
            }

            if (_segments[i].Kind is SegmentKind.Rest)
            {
                return true;
            }

            if (!_segments[i].Covers(other[i], caller))
            {
                return false;
            }
        }

        return other.Length == _segments.Length;
    }

    /// <summary>Whether there is a name that this pattern, with the placeholders of <paramref name="caller"/>, and <paramref name="subscription"/> both match.</summary>
    /// <param name="subscription">A pattern without placeholders, with the same separator.</param>
    /// <param name="caller">Whose placeholders count.</param>
    internal bool Overlaps(ChannelPattern subscription, Caller caller)
    {
        var other = subscription._segments;
        for (var i = 0; i < Math.Min(_segments.Length, other.Length); i++)
        {
            if (_segments[i].Kind is SegmentKind.Rest || other[i].Kind is SegmentKind.Rest)
            {
                return CanBeFilled(_segments.AsSpan(i), caller);
            }

            if (!_segments[i].Overlaps(other[i], caller, _separator))
            {
                return false;
            }
        }

        return other.Length == _segments.Length;

        bool CanBeFilled(ReadOnlySpan<PatternSegment> rest, Caller caller)
        {
            foreach (var segment in rest)
            {
                if (segment.IsPlaceholder && !segment.ValuesOf(caller, _separator).Any())
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>The channels that a pattern without wildcards stands for with this caller. A value that is no segment of a channel name gives none.</summary>
    internal IEnumerable<ChannelName> ChannelsOf(Caller caller)
    {
        IEnumerable<string> names = [""];
        foreach (var segment in _segments)
        {
            names = names.SelectMany(_ => segment.ValuesOf(caller, _separator), (name, value) => name.Length is 0 ? value : $"{name}{_separator}{value}");
        }

        foreach (var name in names)
        {
            if (ChannelName.TryParse(name, out var channel, out _))
            {
                yield return channel;
            }
        }
    }
}
