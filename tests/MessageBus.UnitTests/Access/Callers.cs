using System.Security.Claims;
using MessageBus.Access;

namespace MessageBus.UnitTests.Access;

/// <summary>Callers as an authentication scheme makes them.</summary>
internal static class Callers
{
    /// <summary>A user with claims, each written as <c>type=value</c>.</summary>
    public static Caller User(string? name, params string[] claims)
    {
        var all = claims.Select(claim => new Claim(claim[..claim.IndexOf('=')], claim[(claim.IndexOf('=') + 1)..]));
        return Caller.Of(new ClaimsPrincipal(new ClaimsIdentity(name is null ? all : all.Prepend(new Claim(ClaimTypes.NameIdentifier, name)), "test")));
    }
}
