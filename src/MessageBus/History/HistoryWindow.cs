using MessageBus.Brokers;
using MessageBus.Delivery;

namespace MessageBus.History;

/// <summary>One message of a window. What it was encoded to for a returning client is kept for the next one: a herd comes for the same messages.</summary>
internal sealed class WindowEntry(long offset, byte[] payload) : MissedMessage
{
    private IMessageEncoding? _encoding;
    private EncodedMessage? _encoded;

    public long Offset => offset;

    public byte[] Payload => payload;

    /// <inheritdoc/>
    public override EncodedMessage? EncodeFor(SubscriberGroup group, string epoch, int maxBytes)
    {
        if (_encoding != group.Encoding)
        {
            _encoded = group.Encode(new Publication(group.Channel.Name, payload, 0, new StreamPosition(epoch, offset)), maxBytes);
            _encoding = group.Encoding;
        }

        return _encoded;
    }
}

/// <summary>The newest messages of a channel, contiguous and ending at its last offset, so that returning clients cost the broker nothing. Only under the channel's lock.</summary>
internal sealed class HistoryWindow
{
    /// <summary>What an entry takes beside its payload, roughly: the objects and their headers.</summary>
    public const int EntryOverheadBytes = 96;

    private readonly LinkedList<WindowEntry> _entries = [];

    public int Count => _entries.Count;

    public long Bytes { get; private set; }

    /// <summary>The first offset that is here; null while it is empty.</summary>
    public long? First => _entries.First?.Value.Offset;

    public void Append(WindowEntry entry)
    {
        _entries.AddLast(entry);
        Bytes += BytesOf(entry);
    }

    /// <summary>Takes in what comes right before the window, and nothing else. <paramref name="last"/> is where an empty window ends.</summary>
    public void ExtendLeft(IReadOnlyList<HistoryEntry> entries, long last)
    {
        for (var i = entries.Count - 1; i >= 0; i--)
        {
            var wanted = (First ?? (last + 1)) - 1;
            if (entries[i].Offset > wanted)
            {
                continue;
            }

            if (entries[i].Offset < wanted || entries[i].Payload is not { } payload)
            {
                return;
            }

            var entry = new WindowEntry(wanted, payload);
            _entries.AddFirst(entry);
            Bytes += BytesOf(entry);
        }
    }

    /// <summary>Whether every message after <paramref name="offset"/> is here. <paramref name="last"/> is the channel's last offset.</summary>
    public bool Covers(long offset, long last) => offset == last || (First is { } first && first <= offset + 1);

    /// <summary>The messages after <paramref name="offset"/>, oldest first.</summary>
    public IReadOnlyList<WindowEntry> After(long offset)
    {
        var found = new List<WindowEntry>();
        for (var node = _entries.Last; node is not null && node.Value.Offset > offset; node = node.Previous)
        {
            found.Add(node.Value);
        }

        found.Reverse();
        return found;
    }

    /// <summary>Cuts the oldest until so many are left.</summary>
    public void Trim(int count)
    {
        while (_entries.Count > count)
        {
            Bytes -= BytesOf(_entries.First!.Value);
            _entries.RemoveFirst();
        }
    }

    public void Clear() => Trim(0);

    private static long BytesOf(WindowEntry entry) => entry.Payload.Length + EntryOverheadBytes;
}
