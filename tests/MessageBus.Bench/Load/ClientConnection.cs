using System.Diagnostics;
using System.Text;

namespace MessageBus.Bench.Load;

/// <summary>One subscriber: connects, upgrades, joins its channels, then counts what arrives. Used by one thread only.</summary>
internal sealed class ClientConnection(Crowd crowd, int number, ClientSocket socket, Dialect dialect, IReadOnlyList<string> channels)
    : RecordReader(dialect.EndMark)
{
    private IReadOnlyList<Dialect.Turn> _turns = [];
    private int _turn;
    private int _repliesMissing;
    private StringBuilder? _response;
    private uint _lastNumber;

    public int Number => number;

    public int Channels => channels.Count;

    public ClientSocket Socket => socket;

    /// <summary>When it began to connect.</summary>
    public long Begun { get; } = Stopwatch.GetTimestamp();

    public ConnectionPhase Phase { get; private set; } = ConnectionPhase.Connecting;

    /// <summary>Whether it has stopped reading, so that nothing is expected of it.</summary>
    public bool Stalled { get; set; }

    public void OnReadiness(Span<byte> buffer)
    {
        try
        {
            if (Phase == ConnectionPhase.Connecting)
                Connect();
            else
                Receive(buffer);
        }
        catch (IOException failure)
        {
            End(failure.Message);
        }
    }

    public void Send(byte opcode, ReadOnlySpan<byte> payload) => socket.Send(ClientFrame.Encode(opcode, payload));

    public void Send(byte[] frame)
    {
        try
        {
            socket.Send(frame);
        }
        catch (IOException failure)
        {
            End(failure.Message);
        }
    }

    public void Close()
    {
        if (Phase == ConnectionPhase.Closed)
            return;
        Phase = ConnectionPhase.Closed;
        socket.Close();
    }

    protected override void OnRecord(ReadOnlySpan<byte> record)
    {
        if (Stamp.TryRead(record, ref crowd.StampPlace, out var time, out var publication))
        {
            // Order is promised per channel, so it can be checked where a connection has one.
            var inOrder = channels.Count > 1 || publication > _lastNumber;
            _lastNumber = publication;
            crowd.Tally.OnDelivery(publication, time, crowd.Now, inOrder);
        }
        else if (Phase == ConnectionPhase.Joining)
        {
            OnReply(record);
        }
        else if (dialect.ServerHeartbeat is { } heartbeat && record.StartsWith(heartbeat.Begin))
        {
            Send(ClientFrame.Text, Encoding.UTF8.GetBytes(heartbeat.Answer));
        }
    }

    protected override void OnPing(ReadOnlySpan<byte> payload) => Send(ClientFrame.Pong, payload);

    protected override void OnClose(ReadOnlySpan<byte> payload) =>
        throw new IOException(payload.Length < 2 ? "closed by the server" : $"closed by the server: {payload[0] << 8 | payload[1]} {Encoding.UTF8.GetString(payload[2..])}");

    private void Connect()
    {
        crowd.WatchReadable(this);
        if (!socket.Continue())
            return;
        Phase = ConnectionPhase.Upgrading;
        socket.Send(crowd.UpgradeRequest);
    }

    private void Receive(Span<byte> buffer)
    {
        int count;
        do
        {
            count = socket.Receive(buffer);
            if (count == ClientSocket.NothingNow)
                return;
            if (count == ClientSocket.Ended)
                throw new IOException("the connection ended");
            crowd.Now = Stopwatch.GetTimestamp();
            if (Phase == ConnectionPhase.Upgrading)
                OnResponse(buffer[..count]);
            else
                ReadFrames(buffer[..count]);
        }
        while ((count == buffer.Length || !socket.ShortReadIsLast) && Phase != ConnectionPhase.Closed);
    }

    private void OnResponse(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n\r\n"u8);
        (_response ??= new StringBuilder()).Append(Encoding.ASCII.GetString(end < 0 ? bytes : bytes[..end]));
        if (end < 0)
            return;
        var response = _response.ToString();
        _response = null;
        if (!response.StartsWith("HTTP/1.1 101", StringComparison.Ordinal))
            throw new IOException($"no upgrade: {response.Split('\r')[0]}");
        Phase = ConnectionPhase.Joining;
        _turns = dialect.Join(channels);
        BeginTurn();
        ReadFrames(bytes[(end + 4)..]);
    }

    private void BeginTurn()
    {
        _repliesMissing = _turns[_turn].Times;
        foreach (var message in _turns[_turn].Messages)
            Send(ClientFrame.Text, Encoding.UTF8.GetBytes(message));
    }

    private void OnReply(ReadOnlySpan<byte> record)
    {
        if (record.IndexOf("error"u8) >= 0)
            throw new IOException($"refused: {Encoding.UTF8.GetString(record)}");
        if (record.IndexOf(_turns[_turn].Expected) < 0 || --_repliesMissing > 0)
            return;
        if (++_turn < _turns.Count)
        {
            BeginTurn();
            return;
        }

        _turns = [];
        Phase = ConnectionPhase.Ready;
        crowd.OnReady(this);
    }

    private void End(string reason)
    {
        var phase = Phase;
        Close();
        crowd.OnEnd(this, phase, reason);
    }
}
