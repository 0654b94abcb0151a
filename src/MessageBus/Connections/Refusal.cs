using MessageBus.Access;
using MessageBus.Delivery;
using MessageBus.Limits;
using MessageBus.Protocol;

namespace MessageBus.Connections;

/// <summary>Why a command is not carried out. The client is told, the connection lives.</summary>
/// <param name="Code">For programs.</param>
/// <param name="Message">For people: what was wrong, and what is right.</param>
/// <param name="Channel">The channel that the command was about, where it was about one.</param>
/// <param name="RetryAfter">When trying again can help; null where it cannot.</param>
internal sealed record Refusal(ErrorCode Code, string Message, string? Channel = null, TimeSpan? RetryAfter = null)
{
    /// <summary>When a client may try again that the gateway could not serve for lack of a broker; nobody can know.</summary>
    private static readonly TimeSpan BrokerRetryAfter = TimeSpan.FromSeconds(1);

    public static Refusal Unavailable(ChannelName? channel) =>
        new(ErrorCode.Unavailable, "The gateway cannot reach its broker.", channel?.Value, BrokerRetryAfter);

    /// <summary>The same words for every channel, so that nothing about it can be learnt from them.</summary>
    public static Refusal Of(AccessDecision decision, ChannelName channel) => decision is AccessDecision.Forbidden
        ? new(ErrorCode.Forbidden, "Not allowed.", channel.Value)
        : new(ErrorCode.Internal, "The gateway could not find out whether this is allowed.", channel.Value);

    public static Refusal TooManySubscriptions(ChannelName channel, int max) =>
        new(ErrorCode.TooManySubscriptions, $"A connection may hold {max} subscriptions.", channel.Value);

    public static Refusal TooFast(Rate rate, string what, ChannelName? channel, TimeSpan wait) =>
        new(ErrorCode.RateLimited, $"A connection may send {rate.PerSecond} {what} a second, and {rate.Burst} at once.", channel?.Value, wait);

    /// <summary>The reply to the command with this id, or a push where it has none.</summary>
    public EncodedFrame ToFrame(int? id) => EncodedFrame.Text(ServerMessage.Error(id, Code, Message, Channel, RetryAfter));
}
