using MessageBus.Brokers;
using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>From where a subscription wants the channel's messages. Both may be there: then <paramref name="Last"/> is for what is not recovered.</summary>
internal readonly record struct HistoryStart(StreamPosition? Since, int? Last)
{
    public bool IsLive => Since is null && Last is null;
}

/// <summary>
/// Called under the channel's lock, at the moment from which the live flow is the subscription's.
/// </summary>
/// <param name="position">Where the live flow starts.</param>
/// <param name="recovered">Whether everything since the client's position is there; null where it gave none.</param>
/// <param name="missed">What comes before the live flow, oldest first.</param>
internal delegate void JoinHistory(StreamPosition position, bool? recovered, IReadOnlyList<MissedMessage> missed);

/// <summary>A message of before the live flow.</summary>
internal abstract class MissedMessage
{
    /// <summary>The message for a group; null where it could not even wait for one connection. Only within <see cref="JoinHistory"/>.</summary>
    public abstract EncodedMessage? EncodeFor(SubscriberGroup group, string epoch, int maxBytes);
}

/// <summary>The history of one channel, as the channel's deliveries see it.</summary>
internal interface IChannelHistory
{
    /// <summary>A message of the channel, as the broker brings it; without a position: it is live, and not recorded.</summary>
    void Accept(in Publication publication);

    /// <summary>What was told last may not be what holds: reads the log, and goes on from there.</summary>
    void Heal();

    /// <summary>Calls <paramref name="join"/> once what the subscription wants is known; false where it could not be found out in time.</summary>
    Task<bool> JoinAsync(HistoryStart start, JoinHistory join, CancellationToken cancellationToken);

    /// <summary>The gateway has given the channel back. Ends when nothing of it is under way.</summary>
    Task EndAsync();
}

/// <summary>What a channel's history has to give to the gateway's subscribers. Called under the channel's lock: must not block.</summary>
internal interface IHistorySubscribers
{
    /// <summary>The next message of the live flow.</summary>
    void Give(in Publication publication);

    /// <summary>Messages may be missing. The numbering goes on behind <paramref name="position"/>; null: there is none until the next gap.</summary>
    void Gap(GapReason reason, StreamPosition? position);
}
