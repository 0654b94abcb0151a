using System.Text;

namespace MessageBus.Bench.Peers.Floor;

internal sealed class FloorChannel(string name)
{
    private readonly byte[] _begin = Encoding.UTF8.GetBytes($$"""{"type":"message","channel":"{{name}}","payload":" """.TrimEnd());
    private byte[] _pending = new byte[512];
    private int _length;

    public List<FloorClient> Subscribers { get; } = [];

    public bool IsSubscribed { get; private set; }

    /// <summary>The frames that wait to be sent to all subscribers.</summary>
    public ReadOnlySpan<byte> Pending => _pending.AsSpan(0, _length);

    public void OnSubscribed()
    {
        IsSubscribed = true;
        foreach (var client in Subscribers)
            client.Send(FloorFrame.Ok);
    }

    public void Append(ReadOnlySpan<byte> payload)
    {
        var needed = _length + FloorFrame.LongestHeader + _begin.Length + payload.Length + 2;
        if (needed > _pending.Length)
            Array.Resize(ref _pending, Math.Max(needed, _pending.Length * 2));
        _length += FloorFrame.WriteHeader(_pending.AsSpan(_length), _begin.Length + payload.Length + 2);
        Put(_begin);
        Put(payload);
        Put("\"}"u8);
    }

    public void ClearPending() => _length = 0;

    private void Put(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_pending.AsSpan(_length));
        _length += bytes.Length;
    }
}
