using System.Diagnostics.CodeAnalysis;

namespace MessageBus.Delivery;

/// <summary>
/// Values by channel pattern: finds those of all patterns that match a name without looking at the others. A tree by segments:
/// <code>
/// orders/*, orders/**, orders/42/lines      orders ── *      (orders/*)
///                                                  ├─ **     (orders/**)
///                                                  └─ 42 ── lines
/// </code>
/// A name goes down by its own segment and by <c>*</c>, and collects each <c>**</c> that it passes. Not for several threads at once.
/// </summary>
/// <param name="separator">What divides names and patterns into segments.</param>
internal sealed class PatternTable<T>(char separator)
    where T : class
{
    private const string AnySegment = "*";
    private const string RestSegment = "**";

    private readonly Node _root = new();

    public int Count { get; private set; }

    /// <summary>The value of exactly this pattern.</summary>
    public bool TryGet(string pattern, [NotNullWhen(true)] out T? value)
    {
        var node = _root;
        foreach (var segment in pattern.Split(separator))
        {
            node = node?.Child(segment);
        }

        value = node?.Value;
        return value is not null;
    }

    /// <param name="pattern">One of the grammar of channel patterns, without placeholders.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="ArgumentException">The pattern has one already.</exception>
    public void Add(string pattern, T value)
    {
        var node = _root;
        foreach (var segment in pattern.Split(separator))
        {
            node = node.GetOrAdd(segment);
        }

        node.Value = node.Value is null ? value : throw new ArgumentException($"'{pattern}' has a value already.", nameof(pattern));
        Count++;
    }

    /// <summary>False where the pattern has no value.</summary>
    public bool Remove(string pattern)
    {
        var isRemoved = Remove(_root, pattern);
        Count -= isRemoved ? 1 : 0;
        return isRemoved;
    }

    /// <summary>Adds the values of all patterns that match the name to <paramref name="found"/>, in no particular order. Allocates nothing else.</summary>
    public void Match(ReadOnlySpan<char> name, List<T> found)
    {
        if (Count > 0 && !name.IsEmpty)
        {
            Match(_root, name, found);
        }
    }

    /// <summary>No deeper than a name has segments: at most 200.</summary>
    private void Match(Node node, ReadOnlySpan<char> rest, List<T> found)
    {
        AddTo(found, node.Rest?.Value);
        var end = rest.IndexOf(separator);
        var segment = end < 0 ? rest : rest[..end];
        if (segment.IsEmpty)
        {
            // Only '**' stands for an empty segment, behind others.
            return;
        }

        Descend(node.Literal(segment), rest);
        Descend(node.Any, rest);

        void Descend(Node? child, ReadOnlySpan<char> name)
        {
            if (child is null)
            {
                return;
            }

            if (end < 0)
            {
                AddTo(found, child.Value);
            }
            else if (end + 1 < name.Length)
            {
                Match(child, name[(end + 1)..], found);
            }
        }
    }

    private static void AddTo(List<T> found, T? value)
    {
        if (value is not null)
        {
            found.Add(value);
        }
    }

    /// <summary>Takes out the branches too that lead nowhere afterwards.</summary>
    private bool Remove(Node node, string? rest)
    {
        if (rest is null)
        {
            var had = node.Value is not null;
            node.Value = null;
            return had;
        }

        var end = rest.IndexOf(separator, StringComparison.Ordinal);
        var segment = end < 0 ? rest : rest[..end];
        if (node.Child(segment) is not { } child || !Remove(child, end < 0 ? null : rest[(end + 1)..]))
        {
            return false;
        }

        if (child.IsEmpty)
        {
            node.Remove(segment);
        }

        return true;
    }

    private sealed class Node
    {
        private Dictionary<string, Node>? _literals;

        public T? Value { get; set; }

        public Node? Any { get; private set; }

        public Node? Rest { get; private set; }

        public bool IsEmpty => Value is null && Any is null && Rest is null && _literals is not { Count: > 0 };

        public Node? Literal(ReadOnlySpan<char> segment) =>
            _literals is not null && _literals.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(segment, out var node) ? node : null;

        public Node? Child(string segment) => segment switch { AnySegment => Any, RestSegment => Rest, _ => Literal(segment) };

        public Node GetOrAdd(string segment)
        {
            switch (segment)
            {
                case AnySegment:
                    return Any ??= new Node();
                case RestSegment:
                    return Rest ??= new Node();
                default:
                    _literals ??= [];
                    return _literals.TryGetValue(segment, out var child) ? child : _literals[segment] = new Node();
            }
        }

        public void Remove(string segment)
        {
            switch (segment)
            {
                case AnySegment:
                    Any = null;
                    break;
                case RestSegment:
                    Rest = null;
                    break;
                default:
                    _literals!.Remove(segment);
                    break;
            }
        }
    }
}
