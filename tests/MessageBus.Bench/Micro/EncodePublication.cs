using BenchmarkDotNet.Attributes;
using MessageBus.Brokers;
using MessageBus.Protocol;
using MessageBus.WebSockets;

namespace MessageBus.Bench.Micro;

/// <summary>From Redis' bytes to the frame that all subscribers share; once a publication.</summary>
public class EncodePublication
{
    private static readonly ChannelName Channel = ChannelName.Parse("visitor-management/arrival/42");

    private byte[] _head = [];
    private byte[] _payload = [];

    [Params(128, 1024, 16 * 1024)]
    public int Bytes { get; set; }

    /// <summary>A JSON payload has quotes to escape.</summary>
    [Params(false, true)]
    public bool Json { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _head = WebSocketEncoding.Instance.Head(Channel);
        _payload = new byte[Bytes];
        for (var i = 0; i < Bytes; i++)
            _payload[i] = Json && i % 8 == 0 ? (byte)'"' : (byte)'x';
    }

    [Benchmark]
    public int Encode() => WebSocketEncoding.Instance.Encode(new Publication(Channel, _payload, ReceivedAt: 1), _head, int.MaxValue)!.Length;
}
