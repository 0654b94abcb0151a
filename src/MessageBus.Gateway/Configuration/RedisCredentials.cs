using System.ComponentModel.DataAnnotations;

namespace MessageBus.Gateway.Configuration;

/// <summary><c>MessageBus:Redis</c>: the gateway's credentials at Redis. They count more than those in the connection string.</summary>
public sealed class RedisCredentials
{
    /// <summary>The user of Redis' ACL. Default none: the one of the connection string, else Redis' own <c>default</c>.</summary>
    public string? User { get; set; }

    /// <summary>The password, which may hold a comma here. Default none: the one of the connection string. As a secret file: <c>MessageBus__Redis__Password</c>.</summary>
    [DataType(DataType.Password)]
    public string? Password { get; set; }
}
