using System.Text;

namespace MessageBus.Bench.Load;

/// <summary>
/// How a client of one system speaks: where it upgrades, what it says to get its subscriptions, how it answers a heartbeat.
/// Everything else the load generator does alike for all systems.
/// </summary>
internal abstract class Dialect
{
    /// <summary>Path and query of the upgrade request.</summary>
    public abstract string Path { get; }

    /// <summary>The subprotocol to offer, if any.</summary>
    public virtual string? Subprotocol => null;

    /// <summary>The byte that ends a record, for protocols that pack several into one WebSocket message; null: a message is a record.</summary>
    public virtual byte? EndMark => null;

    /// <summary>What a heartbeat of the server begins with, and the answer to it.</summary>
    public virtual Heartbeat? ServerHeartbeat => null;

    /// <summary>What the client has to send by itself to be kept, and how often.</summary>
    public virtual (TimeSpan Every, string Text)? ClientHeartbeat => null;

    /// <summary>The conversation after the 101 until all channels are subscribed.</summary>
    public abstract IReadOnlyList<Turn> Join(IReadOnlyList<string> channels);

    internal sealed record Heartbeat(byte[] Begin, string Answer);

    /// <summary>Messages to send, then the number of records containing <see cref="Expected"/> to wait for.</summary>
    internal sealed record Turn(IReadOnlyList<string> Messages, byte[] Expected, int Times);

    protected static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
