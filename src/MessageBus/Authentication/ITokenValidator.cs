using System.Security.Claims;

namespace MessageBus.Authentication;

/// <summary>
/// Validates the tokens that come in <c>connect</c> and <c>refresh</c>, where no HTTP request carries them. The gateway's JWT scheme is one; an app that wants
/// such tokens registers its own as a singleton. Without one, a token in <c>connect</c> is not looked at and <c>refresh</c> is refused.
/// Called by many connections at once.
/// </summary>
public interface ITokenValidator
{
    /// <summary>
    /// Who the token speaks for; null where it is not accepted: then the connection is closed with <see cref="Protocol.CloseReason.Unauthorized"/>,
    /// or the refresh refused with <see cref="Protocol.ErrorCode.Unauthorized"/>. The connection is not read meanwhile. An exception closes it with
    /// <see cref="Protocol.CloseReason.Internal"/>.
    /// </summary>
    /// <param name="token">What the client has sent, of any length and content.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    ValueTask<ValidatedToken?> ValidateAsync(string token, CancellationToken cancellationToken);
}

/// <summary>What a token that was accepted says.</summary>
/// <param name="Principal">Who it speaks for: an authenticated identity. Its user is the claim NameIdentifier, else <c>sub</c>, else the identity's name.</param>
/// <param name="Expires">When the connection is closed with <see cref="Protocol.CloseReason.Unauthorized"/> unless it was refreshed; null: never.</param>
public sealed record ValidatedToken(ClaimsPrincipal Principal, DateTimeOffset? Expires);
