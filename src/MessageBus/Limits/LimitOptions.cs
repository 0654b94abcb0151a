using System.ComponentModel.DataAnnotations;
using MessageBus.Protocol;

namespace MessageBus.Limits;

/// <summary>How much, how often and how long: for one connection, for one address, for one user and in all.</summary>
public sealed class LimitOptions
{
    /// <summary>
    /// Connections that this gateway serves at once. Default 100,000: some 600 MB; over TLS 4 GB.
    /// Further ones are answered 503 with <c>Retry-After</c> before the upgrade.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxConnections { get; set; } = 100_000;

    /// <summary>
    /// Connections of one address at this gateway; the 64 first bits are an address of IPv6. Default 10,000, because whole companies, and a proxy that is not
    /// known as one, come from one address. Further ones are answered 429 with <c>Retry-After</c> before the upgrade.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxConnectionsPerAddress { get; set; } = 10_000;

    /// <summary>
    /// Connections of one user at this gateway: their browsers and devices. Default 100. Further ones are answered 429 with <c>Retry-After</c> before the
    /// upgrade, or closed with <see cref="CloseReason.RateLimited"/> where the user is known only after it. Anonymous ones are not counted here.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxConnectionsPerUser { get; set; } = 100;

    /// <summary>
    /// Requests for a WebSocket in a second, and as many at once after a quiet second. Default 2,000.
    /// Further ones are answered 503 with <c>Retry-After</c> before anything else is looked at.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxHandshakesPerSecond { get; set; } = 2_000;

    /// <summary>The same for one address, as <see cref="MaxConnectionsPerAddress"/> counts it. Default 200. Further ones are answered 429 with <c>Retry-After</c>.</summary>
    [Range(1, 1_000_000)]
    public int MaxHandshakesPerSecondPerAddress { get; set; } = 200;

    /// <summary>
    /// How long a client may take to send <c>connect</c>. Default 10 s. After that: <see cref="CloseReason.ConnectTimeout"/>.
    /// In the gateway host as long again for a connection's first request, before which there is nothing to answer: it is cut.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a connection may be quiet before the gateway sends a <c>ping</c>. Default 25 s.
    /// A client that stays silent for twice this plus 10 s is closed with <see cref="CloseReason.HeartbeatMissed"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>How long a client may take to answer a close frame before the transport is cut. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Commands that one connection may send in a second, in the long run. Default 200. Further ones are refused with <see cref="ErrorCode.RateLimited"/>;
    /// a connection that goes on all the same, until it is as many ahead as <see cref="CommandBurst"/>, is closed with <see cref="CloseReason.RateLimited"/>.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxCommandsPerSecond { get; set; } = 200;

    /// <summary>Commands that one connection may send at once, after a pause. Default 400.</summary>
    [Range(1, 1_000_000)]
    public int CommandBurst { get; set; } = 400;

    /// <summary>
    /// Publications that one connection may send in a second, and as many at once after a quiet second. Default 100.
    /// Further ones are refused with <see cref="ErrorCode.RateLimited"/>.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxPublishesPerSecond { get; set; } = 100;

    /// <summary>
    /// Publications a second that one API key, user or (where there is neither) address may bring over the REST API; as many may come at once.
    /// Default 1000. Beyond it: 429 with Retry-After.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxApiPublishesPerSecond { get; set; } = 1000;

    /// <summary>Subscriptions that one connection may hold. Default 128. Beyond it: <see cref="ErrorCode.TooManySubscriptions"/>.</summary>
    [Range(1, 1_000_000)]
    public int MaxSubscriptionsPerConnection { get; set; } = 128;

    /// <summary>
    /// Subscriptions that one connection may begin in a second, in the long run, beside those of its <c>connect</c>; at once
    /// <see cref="MaxSubscriptionsPerConnection"/>. Default 10. Further ones are refused with <see cref="ErrorCode.RateLimited"/>.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxSubscribesPerSecond { get; set; } = 10;

    /// <summary>
    /// Bytes of the longest message that a client may send. Default 128 KiB: room for the longest payload as base64 or with every other character escaped.
    /// Beyond it: <see cref="CloseReason.MessageTooBig"/>.
    /// </summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = 128 * 1024;

    /// <summary>Bytes of the longest payload that a client or an API call may publish. Default 64 KiB. Beyond it: <see cref="ErrorCode.TooLarge"/> or 413.</summary>
    [Range(1, 16 * 1024 * 1024)]
    public int MaxPayloadBytes { get; set; } = 64 * 1024;

    /// <summary>
    /// Bytes that may wait for one connection before it counts as slow. Default 1 MiB.
    /// Beyond it the connection is closed with <see cref="CloseReason.TooSlow"/>; other subscribers are not affected.
    /// A publication that is larger than this cannot be delivered: its subscribers get a <c>gap</c> instead.
    /// </summary>
    [Range(16 * 1024, 1024 * 1024 * 1024)]
    public int MaxBacklogBytes { get; set; } = 1024 * 1024;

    /// <summary>How long a connection may take none of what waits for it before it counts as slow. Default 10 s. After that: <see cref="CloseReason.TooSlow"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan MaxBacklogAge { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Live taps of channels that operators may have open on this gateway at once. Default 8: each may take some 300 publications a second of a busy channel.
    /// 0: none. Further ones are answered 429.
    /// </summary>
    [Range(0, 1000)]
    public int MaxTaps { get; set; } = 8;
}
