using StackExchange.Redis;

namespace MessageBus.Redis.Links;

/// <summary>What an answer of Redis, or a failure of the client, means for the link that it came over.</summary>
internal static class RedisError
{
    /// <summary>Redis' ACL forbids it; that will not change until an operator changes it.</summary>
    public static bool IsForbidden(Exception e) => e is RedisServerException && e.Message.StartsWith("NOPERM", StringComparison.Ordinal);

    /// <summary>Redis has answered; the links hold.</summary>
    public static bool IsAnswer(Exception e) => e is RedisServerException;

    /// <summary>A script has run for too long: the links hold, and Redis takes nothing until it ends.</summary>
    public static bool IsBusy(Exception e) => e is RedisServerException && e.Message.StartsWith("BUSY", StringComparison.Ordinal);

    /// <summary>Why a connection ended.</summary>
    public static string Describe(ConnectionFailedEventArgs failed) => failed.FailureType switch
    {
        ConnectionFailureType.SocketClosed => "Redis closed the connection",
        ConnectionFailureType.AuthenticationFailure => "Redis refuses the credentials",
        _ when failed.Exception?.GetBaseException() is System.Net.Sockets.SocketException socket => socket.Message,
        _ => $"the connection broke ({failed.FailureType})",
    };
}
