namespace MessageBus.Access;

internal enum SegmentKind
{
    Literal,

    /// <summary><c>*</c></summary>
    Any,

    /// <summary><c>**</c></summary>
    Rest,

    /// <summary><c>{user}</c></summary>
    User,

    /// <summary><c>{claim:type}</c></summary>
    Claim,
}

/// <summary>One segment of a pattern. <paramref name="Text"/> is the literal, or the type of the claim.</summary>
internal readonly record struct PatternSegment(SegmentKind Kind, string Text)
{
    public bool IsPlaceholder => Kind is SegmentKind.User or SegmentKind.Claim;

    /// <summary>Whether it stands for <paramref name="segment"/>, which has no separator in it. Nothing stands for an empty one.</summary>
    public bool Matches(ReadOnlySpan<char> segment, Caller caller) => !segment.IsEmpty && Kind switch
    {
        SegmentKind.Literal => segment.SequenceEqual(Text),
        SegmentKind.Any => true,
        SegmentKind.User => segment.SequenceEqual(caller.User),
        SegmentKind.Claim => caller.HasClaim(Text, segment),
        _ => false,
    };

    /// <summary>Whether it stands for everything that <paramref name="other"/> stands for. Neither is <c>**</c>, and the other is no placeholder.</summary>
    public bool Covers(PatternSegment other, Caller caller) => other.Kind is SegmentKind.Literal ? Matches(other.Text, caller) : Kind is SegmentKind.Any && other.Kind is SegmentKind.Any;

    /// <summary>Whether something is what both stand for. Neither is <c>**</c>, and the other is no placeholder.</summary>
    public bool Overlaps(PatternSegment other, Caller caller, char separator) =>
        other.Kind is SegmentKind.Literal ? Matches(other.Text, caller) : Kind is SegmentKind.Any || ValuesOf(caller, separator).Any();

    /// <summary>What stands in its place in the channels of this caller.</summary>
    public IEnumerable<string> ValuesOf(Caller caller, char separator) => Kind switch
    {
        SegmentKind.Literal => [Text],
        SegmentKind.User when IsSegment(caller.User, separator) => [caller.User!],
        SegmentKind.Claim => caller.ValuesOf(Text).Where(value => IsSegment(value, separator)),
        _ => [],
    };

    private static bool IsSegment(string? value, char separator) => !string.IsNullOrEmpty(value) && !value.Contains(separator, StringComparison.Ordinal);
}
