namespace MessageBus.Protocol;

/// <summary>
/// Why a connection ended. The value is the WebSocket close code (RFC 6455 section 7.4).
/// 44xx: do not come back as you are. 45xx: come back with back-off.
/// </summary>
public enum CloseReason
{
    /// <summary>The client closed the connection.</summary>
    Normal = 1000,

    /// <summary>The client broke RFC 6455.</summary>
    ProtocolError = 1002,

    /// <summary>The client sent a binary message.</summary>
    BinaryMessage = 1003,

    /// <summary>The transport ended without a close frame. Never sent (RFC 6455 section 7.4.1).</summary>
    Lost = 1006,

    /// <summary>A text message was not UTF-8.</summary>
    InvalidUtf8 = 1007,

    /// <summary>A message was longer than <c>MaxMessageBytes</c>.</summary>
    MessageTooBig = 1009,

    /// <summary>Not a JSON object, no type, or the first message was not connect.</summary>
    BadMessage = 4400,

    /// <summary>No or bad credentials, or the token expired. What still waits for the client is not sent.</summary>
    Unauthorized = 4401,

    /// <summary>Disconnected by an operator. What still waits for the client is not sent.</summary>
    Forbidden = 4403,

    /// <summary>No connect in time.</summary>
    ConnectTimeout = 4408,

    /// <summary>Too many connections or messages.</summary>
    RateLimited = 4429,

    /// <summary>A fault of the gateway itself.</summary>
    Internal = 4500,

    /// <summary>The gateway is shutting down.</summary>
    ShuttingDown = 4503,

    /// <summary>Nothing was heard of the client for too long.</summary>
    HeartbeatMissed = 4504,

    /// <summary>The client did not take its messages fast enough.</summary>
    TooSlow = 4508,
}

/// <summary>The texts that go with the close codes: fixed, so that a close frame never carries what a client sent.</summary>
public static class CloseReasonTexts
{
    /// <summary>The reason phrase of the close frame; at most 123 bytes (RFC 6455 section 5.5).</summary>
    public static string Text(this CloseReason reason) => reason switch
    {
        CloseReason.Normal => "",
        CloseReason.ProtocolError => "protocol error",
        CloseReason.BinaryMessage => "binary messages are not supported, send JSON as text",
        CloseReason.Lost => "connection lost",
        CloseReason.InvalidUtf8 => "text is not UTF-8",
        CloseReason.MessageTooBig => "message too big",
        CloseReason.BadMessage => "expected a JSON object with a type, connect first",
        CloseReason.Unauthorized => "unauthorized",
        CloseReason.Forbidden => "forbidden",
        CloseReason.ConnectTimeout => "no connect in time",
        CloseReason.RateLimited => "too many connections or messages",
        CloseReason.ShuttingDown => "shutting down",
        CloseReason.HeartbeatMissed => "heartbeat missed",
        CloseReason.TooSlow => "too slow",
        _ => "internal error",
    };
}
