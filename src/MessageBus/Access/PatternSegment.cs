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

    /// <summary>Whether it stands for <paramref name="segment"/>, which has no slash in it. Nothing stands for an empty one.</summary>
    public bool Matches(ReadOnlySpan<char> segment, Caller caller) => !segment.IsEmpty && Kind switch
    {
        SegmentKind.Literal => segment.SequenceEqual(Text),
        SegmentKind.Any => true,
        SegmentKind.User => segment.SequenceEqual(caller.User),
        SegmentKind.Claim => caller.HasClaim(Text, segment),
        _ => false,
    };

    /// <summary>What stands in its place in the channels of this caller.</summary>
    public IEnumerable<string> ValuesOf(Caller caller) => Kind switch
    {
        SegmentKind.Literal => [Text],
        SegmentKind.User when IsSegment(caller.User) => [caller.User!],
        SegmentKind.Claim => caller.ValuesOf(Text).Where(IsSegment),
        _ => [],
    };

    private static bool IsSegment(string? value) => !string.IsNullOrEmpty(value) && !value.Contains('/', StringComparison.Ordinal);
}
