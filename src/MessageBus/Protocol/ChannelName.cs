using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MessageBus.Protocol;

/// <summary>
/// The name of a channel: 1 to 200 bytes of UTF-8 without control characters, white space, what cannot be seen, <c>* ? [ ] \</c> or what looks like
/// them, and not starting with a reserved prefix. Such a name is a literal for Redis in every command, never a pattern.
/// </summary>
public readonly struct ChannelName : IEquatable<ChannelName>
{
    /// <summary>The longest name, in bytes of UTF-8.</summary>
    public const int MaxBytes = 200;

    /// <summary>Redis' own channels and those of its clients: keyspace events, sentinel, StackExchange.Redis.</summary>
    private const string ForeignPrefix = "__";

    /// <summary>The gateway's own channels.</summary>
    private const string InternalPrefix = "mb:";

    private static readonly SearchValues<char> GlobCharacters = SearchValues.Create(@"*?[]\");

    private readonly string? _value;

    private ChannelName(string value) => _value = value;

    /// <summary>The name as text.</summary>
    public string Value => _value ?? string.Empty;

    /// <summary>Takes <paramref name="text"/> as a channel name if it is one; otherwise says in <paramref name="problem"/> what is wrong with it.</summary>
    public static bool TryParse(string? text, out ChannelName channel, [NotNullWhen(false)] out string? problem)
    {
        problem = Problem(text);
        channel = problem is null ? new ChannelName(text!) : default;
        return problem is null;
    }

    /// <summary>Takes <paramref name="text"/> as a channel name.</summary>
    /// <exception cref="ArgumentException">It is not one; the message says why.</exception>
    public static ChannelName Parse(string text) =>
        TryParse(text, out var channel, out var problem) ? channel : throw new ArgumentException(problem, nameof(text));

    public bool Equals(ChannelName other) => string.Equals(_value, other._value, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is ChannelName other && Equals(other);

    public override int GetHashCode() => _value?.GetHashCode(StringComparison.Ordinal) ?? 0;

    public override string ToString() => Value;

    public static bool operator ==(ChannelName left, ChannelName right) => left.Equals(right);

    public static bool operator !=(ChannelName left, ChannelName right) => !left.Equals(right);

    /// <summary>A channel of the gateways' own, which no client can name.</summary>
    internal static ChannelName OfGateways(string name) => new(InternalPrefix + name);

    /// <summary>Whether it is one of those.</summary>
    internal bool IsOfGateways => _value is not null && _value.StartsWith(InternalPrefix, StringComparison.Ordinal);

    /// <summary>Whether no channel may start like this.</summary>
    internal static bool IsReserved(string text) =>
        text.StartsWith(ForeignPrefix, StringComparison.Ordinal) || text.StartsWith(InternalPrefix, StringComparison.Ordinal);

    /// <summary>What is wrong with the characters of a name, or of a part of one; null where nothing is.</summary>
    internal static string? ProblemOfCharacters(string text)
    {
        if (text.AsSpan().IndexOfAny(GlobCharacters) >= 0)
        {
            return @"A channel name must not contain any of * ? [ ] \ (patterns are not supported).";
        }

        // Printable ASCII, as most names are, has nothing else to look for.
        if (text.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0)
        {
            return null;
        }

        foreach (var rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar)
            {
                return "A channel name must be valid Unicode, without U+FFFD.";
            }

            if (Rune.IsControl(rune) || Rune.IsWhiteSpace(rune))
            {
                return "A channel name must not contain control characters or white space.";
            }

            if (DeceptiveCharacters.IsInvisible(rune))
            {
                return $"A channel name must not contain characters that cannot be seen (here U+{rune.Value:X4}).";
            }

            if (DeceptiveCharacters.LooksLikePunctuation(rune))
            {
                return $@"A channel name must not contain what looks like / \ * ? [ ] _ : or another sign of ASCII but is not (here U+{rune.Value:X4}).";
            }
        }

        return null;
    }

    private static string? Problem(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "A channel name must not be empty.";
        }

        if (text.Length > MaxBytes || Encoding.UTF8.GetByteCount(text) > MaxBytes)
        {
            return "A channel name is at most 200 bytes of UTF-8.";
        }

        return ProblemOfCharacters(text) ?? (IsReserved(text) ? "Channel names that start with '__' or 'mb:' are reserved." : null);
    }
}
