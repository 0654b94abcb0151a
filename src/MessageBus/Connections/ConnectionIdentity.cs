using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using MessageBus.Access;

namespace MessageBus.Connections;

/// <summary>Who is at the other end. Taken from the upgrade request, which is not kept.</summary>
internal sealed record ConnectionIdentity(string Id, Caller Caller, IPEndPoint? Remote, DateTimeOffset Since)
{
    /// <summary>The user's name; null for an anonymous one.</summary>
    public string? User => Caller.User;

    /// <summary>An id that cannot be guessed: 96 random bits.</summary>
    public static string NewId() => "c-" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));
}
