namespace MessageBus.Protocol;

/// <summary>Why a command was refused. The connection lives on. The wire names stand in PROTOCOL.md.</summary>
public enum ErrorCode
{
    /// <summary>The channel name breaks the rules of <see cref="ChannelName"/>.</summary>
    BadChannel,

    /// <summary>The payload cannot be sent as it is: bad base64, a lone surrogate, or both payload and base64.</summary>
    BadPayload,

    /// <summary>A field has the wrong type or lies outside its range.</summary>
    BadField,

    /// <summary>The gateway does not know a command of this type.</summary>
    UnknownType,

    /// <summary>A field that the command needs is not there.</summary>
    MissingField,

    /// <summary>The connection may not do this; the answer is the same whether or not the channel exists.</summary>
    Forbidden,

    /// <summary>The connection has no subscription to the channel.</summary>
    NotSubscribed,

    /// <summary>The connection has as many subscriptions as one may have.</summary>
    TooManySubscriptions,

    /// <summary>Too many commands in a short time.</summary>
    RateLimited,

    /// <summary>The payload is larger than the gateway accepts.</summary>
    TooLarge,

    /// <summary>The gateway has no broker at the moment.</summary>
    Unavailable,

    /// <summary>Nobody answered a request in time.</summary>
    Timeout,

    /// <summary>Nobody is there to answer a request.</summary>
    NoResponder,

    /// <summary>The token of a refresh was not accepted.</summary>
    Unauthorized,

    /// <summary>A fault of the gateway itself; its log says more.</summary>
    Internal,
}

/// <summary>The names of the error codes on the wire.</summary>
public static class ErrorCodeNames
{
    /// <summary>The name of <paramref name="code"/> in an <c>error</c> reply.</summary>
    public static string WireName(this ErrorCode code) => code switch
    {
        ErrorCode.BadChannel => "bad_channel",
        ErrorCode.BadPayload => "bad_payload",
        ErrorCode.BadField => "bad_field",
        ErrorCode.UnknownType => "unknown_type",
        ErrorCode.MissingField => "missing_field",
        ErrorCode.Forbidden => "forbidden",
        ErrorCode.NotSubscribed => "not_subscribed",
        ErrorCode.TooManySubscriptions => "too_many_subscriptions",
        ErrorCode.RateLimited => "rate_limited",
        ErrorCode.TooLarge => "too_large",
        ErrorCode.Unavailable => "unavailable",
        ErrorCode.Timeout => "timeout",
        ErrorCode.NoResponder => "no_responder",
        ErrorCode.Unauthorized => "unauthorized",
        _ => "internal",
    };
}
