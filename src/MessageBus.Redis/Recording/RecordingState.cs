using System.Security.Cryptography;
using System.Text;

namespace MessageBus.Redis.Recording;

/// <summary>What was heard on the ear and is not recorded yet: a message of a recorded channel, or a mark (<paramref name="Channel"/> is null).</summary>
internal readonly record struct Heard(string? Channel, byte[] Payload, HistoryBounds? Bounds, long At);

/// <summary>What the session does next with its hand.</summary>
internal enum RecordingStep
{
    Wait,

    /// <summary>Append the batch of <see cref="RecordingState.NextBatch"/>.</summary>
    Append,

    /// <summary>Take the token; it must first be said on the ear that the session is in step, or about to be.</summary>
    Take,

    /// <summary>Publish a fresh mark.</summary>
    Mark,
}

/// <summary>
/// One session's knowledge of who records, read off the order in which its ear hears Redis.
/// <para>
/// While it is <b>in step</b>, its queue is exactly what Redis has published on recorded channels and no gateway has recorded: a message or mark is pushed when it
/// is heard, its envelope or echo pops the head. So a session in step may take the recorder's token at any time, without a hole and without a duplicate; one that
/// is not takes it <b>cold</b>, which begins a new epoch. Time only decides when a session tries.
/// </para>
/// Not thread-safe: the session's lock guards it.
/// </summary>
internal sealed class RecordingState(TimeProvider time, TimeSpan patience)
{
    /// <summary>More than this that waits to be recorded ends the session, as Redis' own limit for a slow subscriber would.</summary>
    public const int MaxQueued = 50_000;

    public const int MaxQueuedBytes = 32 * 1024 * 1024;

    /// <summary>Of one batch: beyond this the cost of a message falls no further.</summary>
    public const int MaxBatch = 128;

    public const int MaxBatchBytes = 256 * 1024;

    // The recorder says so each half second that it is there; in step a message that waits as long without any sign tells of its end before.
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan OverdueAfter = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MarkInterval = TimeSpan.FromSeconds(1);

    private readonly RingQueue<Heard> _queue = new();
    private int _sent;
    private long _bytes;
    private bool _hasQueue;
    private string? _mark;
    private long _markedAt;
    private string? _wanted;
    private bool _mayTake;
    private long _lastSign = time.GetTimestamp();
    private long _lastTick;

    /// <summary>Whether the queue is what no gateway has recorded.</summary>
    public bool IsInStep { get; private set; }

    /// <summary>The recorder's token, while it is this session's and good.</summary>
    public string? Token { get; private set; }

    /// <summary>The session's knowledge contradicts what it hears, or there is more than it may hold: it must end.</summary>
    public string? Fault { get; private set; }

    /// <summary>Redis refuses writes: messages pass live, unrecorded, until a new epoch begins.</summary>
    public bool MustPass { get; set; }

    public int Queued => _queue.Count;

    /// <summary>How long the oldest message has waited to be recorded.</summary>
    public TimeSpan OldestAge => _queue.Count is 0 ? TimeSpan.Zero : time.GetElapsedTime(_queue[0].At);

    /// <summary>The recorder has been silent for longer than a session's patience, or never there.</summary>
    public TimeSpan SilentFor => time.GetElapsedTime(_lastSign);

    /// <summary>A message of a recorded channel was heard.</summary>
    public void HearMessage(string channel, byte[] payload, HistoryBounds bounds) => Push(new(channel, payload, bounds, time.GetTimestamp()));

    /// <summary>A mark was heard: one's own begins the queue, those of others are recorded as what stands between messages.</summary>
    public void HearMark(byte[] mark)
    {
        if (!IsInStep && _mark is not null && mark.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(_mark)))
        {
            Clear();
            _hasQueue = true;
            return;
        }

        Push(new(null, mark, null, time.GetTimestamp()));
    }

    /// <summary>A recorded message came by as an envelope.</summary>
    public void HearEnvelope(string channel, ReadOnlySpan<byte> payload)
    {
        Sign();
        if (IsInStep)
        {
            Pop(channel, payload);
        }
    }

    /// <summary>The recorder has come to a mark. Behind one's own mark the queue is what is not recorded: from here on the session is in step.</summary>
    public void HearEcho(ReadOnlySpan<byte> mark)
    {
        Sign();
        if (IsInStep)
        {
            Pop(null, mark);
        }
        else if (_hasQueue && _mark is not null && mark.SequenceEqual(Encoding.UTF8.GetBytes(_mark)))
        {
            IsInStep = true;
        }
    }

    /// <summary>The recorder is there.</summary>
    public void HearTick() => Sign();

    /// <summary>The recorder has stopped: a session in step takes at once.</summary>
    public void HearResigned()
    {
        Sign();
        _mayTake |= IsInStep && Token is null;
    }

    /// <summary>A session has taken the token. Only having heard its own makes it the recorder: its queue is then what the one before has not recorded.</summary>
    public void HearTook(string token, bool isCold)
    {
        Sign();
        if (isCold)
        {
            // A new epoch: nothing before it is recorded any more.
            Clear();
            _hasQueue = true;
            IsInStep = true;
        }

        _sent = 0;
        MustPass = false;
        Token = token == _wanted ? token : null;
        _wanted = null;
        _mayTake = false;
    }

    /// <summary>A token is good for the one hand on which it was taken.</summary>
    public void LoseHand()
    {
        Token = null;
        _wanted = null;
        _mayTake = false;
    }

    /// <summary>Whether it looks as if no gateway records. It is only a guess: PING on the ear, take in what it slept through, and ask again before taking.</summary>
    public bool SuspectsSilence
    {
        get
        {
            if (Token is not null || _wanted is not null)
            {
                return false;
            }

            if (IsInStep)
            {
                return (_queue.Count > 0 && OldestAge > OverdueAfter && SilentFor > OverdueAfter) || SilentFor > SilentAfter;
            }

            return SilentFor > patience;
        }
    }

    /// <summary>The token is to be taken: warm where the session is in step.</summary>
    public void LetTake() => _mayTake = Token is null && _wanted is null;

    /// <summary>What to do with the hand now.</summary>
    public RecordingStep Next()
    {
        if (Fault is not null)
        {
            return RecordingStep.Wait;
        }

        if (Token is not null)
        {
            return _queue.Count > _sent || time.GetElapsedTime(_lastTick) >= TickInterval ? RecordingStep.Append : RecordingStep.Wait;
        }

        if (_mayTake && _wanted is null)
        {
            return RecordingStep.Take;
        }

        return !IsInStep && _wanted is null && (_markedAt is 0 || time.GetElapsedTime(_markedAt) >= MarkInterval) ? RecordingStep.Mark : RecordingStep.Wait;
    }

    /// <summary>A fresh mark to publish. Until it is heard there is no queue.</summary>
    public string BeginMark()
    {
        _mark = Random();
        _markedAt = time.GetTimestamp();
        Clear();
        _hasQueue = false;
        return _mark;
    }

    /// <summary>The token to take, and whether a new epoch must begin.</summary>
    public (string Token, bool IsCold) BeginTake()
    {
        _wanted = Random();
        _mayTake = false;
        Token = null;
        return (_wanted, !IsInStep);
    }

    /// <summary>Another session was faster.</summary>
    public void TakeLost() => _wanted = null;

    /// <summary>What to append next, behind what was sent already, and whether a tick rides along. Envelopes, not replies, take it off the queue.</summary>
    public bool NextBatch(List<Heard> batch)
    {
        batch.Clear();
        var bytes = 0;
        while (_sent < _queue.Count && batch.Count < MaxBatch && (batch.Count is 0 || bytes + _queue[_sent].Payload.Length <= MaxBatchBytes))
        {
            var heard = _queue[_sent++];
            batch.Add(heard);
            bytes += heard.Payload.Length;
        }

        var ticks = time.GetElapsedTime(_lastTick) >= TickInterval;
        if (ticks)
        {
            _lastTick = time.GetTimestamp();
        }

        return ticks;
    }

    /// <summary>Tokens, epochs and marks are random: a counter would come again after FLUSHALL.</summary>
    public static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));

    private void Sign() => _lastSign = time.GetTimestamp();

    private void Push(in Heard heard)
    {
        if (!_hasQueue)
        {
            return;
        }

        _queue.Enqueue(heard);
        _bytes += heard.Payload.Length;
        if (_queue.Count > MaxQueued || _bytes > MaxQueuedBytes)
        {
            Fault = $"{_queue.Count} messages of {_bytes} bytes wait to be recorded.";
        }
    }

    private void Pop(string? channel, ReadOnlySpan<byte> payload)
    {
        // The payload is a tripwire: in step the kind and the channel are enough.
        if (_queue.Count is 0 || _queue[0].Channel != channel || !payload.SequenceEqual(_queue[0].Payload))
        {
            Fault = "A message was recorded that is not the next one.";
            return;
        }

        _bytes -= _queue[0].Payload.Length;
        _queue.Dequeue();
        _sent = Math.Max(0, _sent - 1);
    }

    private void Clear()
    {
        _queue.Clear();
        _bytes = 0;
        _sent = 0;
    }
}
