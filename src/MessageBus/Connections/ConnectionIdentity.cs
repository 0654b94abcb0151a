using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;

namespace MessageBus.Connections;

/// <summary>Who is at the other end. Taken from the upgrade request, which is not kept.</summary>
internal sealed record ConnectionIdentity(string Id, string? User, IPEndPoint? Remote, DateTimeOffset Since)
{
    /// <summary>An id that cannot be guessed: 96 random bits.</summary>
    public static string NewId() => "c-" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));
}
