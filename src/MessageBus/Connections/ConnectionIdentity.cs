using System.Buffers.Text;
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using MessageBus.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace MessageBus.Connections;

/// <summary>
/// Who is at the other end: first as the upgrade request says, which is not kept, then as a token in <c>connect</c> or <c>refresh</c> does.
/// Does not change; a connection gets another one.
/// </summary>
/// <param name="Id">The connection's.</param>
/// <param name="Caller">Who has shown who they are, or nobody.</param>
/// <param name="Remote">Address and port of the other end.</param>
/// <param name="Since">When it was accepted.</param>
/// <param name="Expires">Until when that counts; null: as long as the connection lives.</param>
internal sealed record ConnectionIdentity(string Id, Caller Caller, IPEndPoint? Remote, DateTimeOffset Since, DateTimeOffset? Expires)
{
    /// <summary>The user's name; null for an anonymous one.</summary>
    public string? User => Caller.User;

    public bool IsAuthenticated => Caller.IsAuthenticated;

    /// <summary>A new connection, of whom its request is from.</summary>
    public static ConnectionIdentity Of(HttpContext context, DateTimeOffset now)
    {
        var remote = context.Connection.RemoteIpAddress is { } address ? new IPEndPoint(address, context.Connection.RemotePort) : null;
        var anonymous = new ConnectionIdentity(NewId(), Caller.Anonymous, remote, now, Expires: null);

        // Schemes say there when a cookie or a token ends.
        var expires = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc;
        return anonymous.With(context.User, expires) ?? anonymous;
    }

    /// <summary>The same connection, with who a token speaks for. Null where the token's identity is not authenticated.</summary>
    public ConnectionIdentity? With(ClaimsPrincipal principal, DateTimeOffset? expires) =>
        Caller.Of(principal) is { IsAuthenticated: true } caller ? this with { Caller = caller, Expires = expires } : null;

    /// <summary>An id that cannot be guessed: 96 random bits.</summary>
    public static string NewId() => "c-" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));
}
