using MessageBus.Cluster;

namespace MessageBus.UnitTests.Cluster;

public sealed class PeerTableTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly PeerTable _peers;

    public PeerTableTests() => _peers = new PeerTable(_time);

    [Fact]
    public void Peer_is_missing_after_three_of_its_own_intervals_and_forgotten_after_a_quarter_of_an_hour()
    {
        _peers.Hear(Reports.Of(1));
        _peers.Hear(Reports.Of(2) with { Interval = 60 });

        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal([("host-1", false), ("host-2", false)], Listed());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([("host-1", true), ("host-2", false)], Listed());
        Assert.Equal([16, 16], _peers.All().Select(peer => peer.HeardAgo.TotalSeconds));
        _time.Advance(PeerTable.ForgottenAfter - TimeSpan.FromSeconds(16));
        Assert.Equal([("host-1", true), ("host-2", true)], Listed());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(Listed());
    }

    [Fact]
    public void Peer_that_is_heard_again_is_there_again_with_what_it_said_last()
    {
        _peers.Hear(Reports.Of(1));
        _time.Advance(TimeSpan.FromMinutes(1));

        _peers.Hear(Reports.Of(1) with { Connections = 42 });

        var peer = Assert.Single(_peers.All());
        Assert.False(peer.IsMissing);
        Assert.Equal(42, peer.Report.Connections);
        Assert.Equal(TimeSpan.Zero, peer.HeardAgo);
    }

    [Fact]
    public void Peer_that_has_stopped_is_no_longer_listed()
    {
        _peers.Hear(Reports.Of(1));
        _peers.Hear(Reports.Of(2));

        _peers.Hear(Reports.Of(1) with { Phase = GatewayPhase.Draining });
        Assert.Equal([("host-1", false), ("host-2", false)], Listed());
        _peers.Hear(Reports.Of(1) with { Phase = GatewayPhase.Stopped });
        _peers.Hear(Reports.Of(3) with { Phase = GatewayPhase.Stopped });

        Assert.Equal([("host-2", false)], Listed());
    }

    [Fact]
    public void Invented_peers_do_not_fill_the_memory_and_displace_nobody_who_speaks()
    {
        _peers.Hear(Reports.Of(0));
        for (var gateway = 1; gateway < PeerTable.MaxPeers; gateway++)
        {
            Assert.True(_peers.Hear(Reports.Of(gateway)));
        }

        Assert.False(_peers.Hear(Reports.Of(1_000)));
        Assert.True(_peers.Hear(Reports.Of(0)));
        Assert.Equal(PeerTable.MaxPeers, _peers.All().Count);

        // Missing ones make room, the longest silent one first.
        _time.Advance(TimeSpan.FromSeconds(1));
        _peers.Hear(Reports.Of(0));
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.True(_peers.Hear(Reports.Of(1_000)));
        Assert.Equal(PeerTable.MaxPeers, _peers.All().Count);
        Assert.Contains(("host-0", false), Listed());
        Assert.Contains(("host-1000", false), Listed());
    }

    private IEnumerable<(string Host, bool IsMissing)> Listed() =>
        _peers.All().Select(peer => (peer.Report.Host, peer.IsMissing)).OrderBy(peer => peer.Host, StringComparer.Ordinal);
}
