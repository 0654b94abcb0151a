namespace MessageBus.Cluster;

/// <summary>The other gateways, by what was last heard of each. It does not grow without bounds, whatever is heard. Any thread.</summary>
internal sealed class PeerTable(TimeProvider time)
{
    /// <summary>More are not kept: what they say is for a page that somebody reads.</summary>
    public const int MaxPeers = 256;

    /// <summary>So many of a peer's own intervals without a report, and it is missing.</summary>
    public const int MissedBeforeMissing = 3;

    /// <summary>A missing peer is listed so long: over an operator's way to the screen.</summary>
    public static readonly TimeSpan ForgottenAfter = TimeSpan.FromMinutes(15);

    // Guards _heard.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (GatewayReport Report, long At)> _heard = [];

    /// <summary>The peers, the missing ones among them, in no order.</summary>
    public IReadOnlyList<Peer> All()
    {
        lock (_gate)
        {
            ForgetUnderLock();
            return [.. _heard.Values.Select(heard => PeerOf(heard.Report, heard.At))];
        }
    }

    /// <summary>Takes a peer's report. One that says that the peer has stopped ends its entry. False where there is no room for another peer.</summary>
    public bool Hear(GatewayReport report)
    {
        lock (_gate)
        {
            if (report.Phase is GatewayPhase.Stopped)
            {
                _heard.Remove(report.Id);
                return true;
            }

            if (!_heard.ContainsKey(report.Id) && _heard.Count >= MaxPeers && !MakeRoomUnderLock())
            {
                return false;
            }

            _heard[report.Id] = (report, time.GetTimestamp());
            return true;
        }
    }

    /// <summary>One that is missing makes room for one that speaks.</summary>
    private bool MakeRoomUnderLock()
    {
        ForgetUnderLock();
        var silent = _heard.MinBy(heard => heard.Value.At);
        return _heard.Count < MaxPeers || (PeerOf(silent.Value.Report, silent.Value.At).IsMissing && _heard.Remove(silent.Key));
    }

    private void ForgetUnderLock()
    {
        foreach (var (id, heard) in _heard)
        {
            if (time.GetElapsedTime(heard.At) > ForgottenAfter)
            {
                _heard.Remove(id);
            }
        }
    }

    private Peer PeerOf(GatewayReport report, long at)
    {
        var ago = time.GetElapsedTime(at);
        return new Peer(report, ago, ago.TotalSeconds > MissedBeforeMissing * report.Interval);
    }
}

/// <summary>Another gateway.</summary>
/// <param name="Report">The last that it has said.</param>
/// <param name="HeardAgo">How long ago that was, by this gateway's own clock.</param>
/// <param name="IsMissing">It should have been heard since.</param>
internal sealed record Peer(GatewayReport Report, TimeSpan HeardAgo, bool IsMissing);
