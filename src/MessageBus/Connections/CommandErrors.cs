using MessageBus.Access;
using MessageBus.Limits;
using MessageBus.Protocol;

namespace MessageBus.Connections;

/// <summary>The errors that several commands have in common.</summary>
internal static class CommandErrors
{
    // When the broker is back is unknown.
    private static readonly TimeSpan BrokerRetryAfter = TimeSpan.FromSeconds(1);

    public static CommandError Unavailable(ChannelName? channel) =>
        new(ErrorCode.Unavailable, "The gateway cannot reach its broker.", channel?.Value, BrokerRetryAfter);

    /// <summary>The same words for every channel, so that nothing about it can be learnt from them.</summary>
    public static CommandError Of(AccessDecision decision, ChannelName channel) => decision is AccessDecision.Forbidden
        ? new(ErrorCode.Forbidden, "Not allowed.", channel.Value)
        : new(ErrorCode.Internal, "The gateway could not find out whether this is allowed.", channel.Value);

    public static CommandError TooManySubscriptions(ChannelName channel, int max) =>
        new(ErrorCode.TooManySubscriptions, $"A connection may hold {max} subscriptions.", channel.Value);

    public static CommandError TooFast(Rate rate, string what, ChannelName? channel, TimeSpan wait) =>
        new(ErrorCode.RateLimited, $"A connection may send {rate.PerSecond} {what} a second, and {rate.Burst} at once.", channel?.Value, wait);
}
