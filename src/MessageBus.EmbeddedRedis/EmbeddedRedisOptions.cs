using System.ComponentModel.DataAnnotations;

namespace MessageBus.EmbeddedRedis;

/// <summary>What can be set about the embedded Redis endpoint. It always listens on 127.0.0.1 and nowhere else: it knows no passwords.</summary>
public sealed class EmbeddedRedisOptions
{
    /// <summary>
    /// The port to listen on. Default 6380, beside a Redis on 6379. When it is taken, the next free one up to 100 higher is used,
    /// and the log says which; 0 = any free one. Read <see cref="EmbeddedRedisServer.Port"/> for the one in use.
    /// </summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 6380;

    /// <summary>
    /// Bytes of the longest command, its payload included. Default 64 MiB (Redis: 512 MB for one argument).
    /// Beyond it the client is told <c>Protocol error: invalid bulk length</c> and closed, as Redis does.
    /// </summary>
    [Range(64 * 1024, 512 * 1024 * 1024)]
    public int MaxCommandBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// Bytes that may wait for one client. Default 32 MiB, Redis' hard limit for pub/sub clients (client-output-buffer-limit).
    /// A subscriber with more is closed, publishers and other subscribers are not affected; a client that leaves
    /// more replies than this unread has its further commands wait.
    /// </summary>
    [Range(64 * 1024, 1024 * 1024 * 1024)]
    public int MaxOutputBytes { get; set; } = 32 * 1024 * 1024;
}
