using System.Diagnostics.CodeAnalysis;
using MessageBus.Protocol;

namespace MessageBus.Access;

/// <summary>
/// Which channels a rule, an automatic subscription or a right in a token is about:
/// <code>
/// pattern = segment *( "/" segment )
/// segment = "*"                 any one segment that is not empty
///         | "**"                the rest, at least one character; only as the last segment
///         | "{user}"            the caller's own user name
///         | "{claim:" TYPE "}"  one of the caller's own values of this claim
///         | literal             these characters
/// </code>
/// A placeholder is compared with one segment of the channel, and never becomes part of a pattern: a value with <c>/</c> or <c>*</c> matches nothing.
/// Matching allocates nothing.
/// </summary>
public sealed class ChannelPattern
{
    private readonly PatternSegment[] _segments;
    private readonly string _text;

    private ChannelPattern(string text, PatternSegment[] segments)
    {
        _text = text;
        _segments = segments;
    }

    /// <summary>Whether it stands for different channels with different callers.</summary>
    public bool HasPlaceholders => Array.Exists(_segments, segment => segment.IsPlaceholder);

    /// <summary>Whether <c>*</c> or <c>**</c> is in it.</summary>
    public bool HasWildcards => Array.Exists(_segments, segment => segment.Kind is SegmentKind.Any or SegmentKind.Rest);

    /// <summary>Takes <paramref name="text"/> as a pattern if it is one; otherwise says in <paramref name="problem"/> what is wrong and what is right.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ChannelPattern? pattern, [NotNullWhen(false)] out string? problem)
    {
        var segments = PatternReader.Read(text, out problem);
        pattern = segments is null ? null : new ChannelPattern(text!, segments);
        return problem is null;
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

            var slash = rest.IndexOf('/');
            var endsHere = slash < 0;
            if (endsHere != (i == _segments.Length - 1) || !_segments[i].Matches(endsHere ? rest : rest[..slash], caller))
            {
                return false;
            }

            rest = endsHere ? [] : rest[(slash + 1)..];
        }

        return true;
    }

    /// <summary>The channels that a pattern without wildcards stands for with this caller. A value that is no segment of a channel name gives none.</summary>
    internal IEnumerable<ChannelName> ChannelsOf(Caller caller)
    {
        IEnumerable<string> names = [""];
        foreach (var segment in _segments)
        {
            names = names.SelectMany(_ => segment.ValuesOf(caller), (name, value) => name.Length is 0 ? value : $"{name}/{value}");
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
