using MessageBus.Access;
using MessageBus.Authentication;
using MessageBus.Protocol;

namespace MessageBus.Connections;

/// <summary>Who a connection is, by the tokens that come in commands. One for all connections; <paramref name="tokens"/> is null where nobody validates any.</summary>
internal sealed class TokenAuthentication(AccessOptions options, ITokenValidator? tokens = null)
{
    public bool TakesTokens => tokens is not null;

    /// <summary>A token in <c>connect</c> is the client's last word on who it is; without one it is who its request was from. Null where that is not enough.</summary>
    public async ValueTask<ConnectionIdentity?> AuthenticateAsync(ConnectionIdentity current, string? token)
    {
        if (token is not null && tokens is not null)
        {
            return await IdentifyAsync(tokens, current, token);
        }

        return current.IsAuthenticated || options.AllowAnonymous is true ? current : null;
    }

    /// <summary>Who the connection is with a new token, in place of the one that it has; or why it is not taken.</summary>
    public async ValueTask<(ConnectionIdentity? Identity, CommandError? Error)> RefreshAsync(ConnectionIdentity current, string token)
    {
        if (tokens is null)
        {
            return Unauthorized("This gateway takes no tokens.");
        }

        if (await IdentifyAsync(tokens, current, token) is not { } identity)
        {
            return Unauthorized("The token is not accepted.");
        }

        return current.IsAuthenticated && identity.User == current.User
            ? (identity, null)
            : Unauthorized("The token is not of this connection's user. Open another connection for it.");
    }

    private static (ConnectionIdentity? Identity, CommandError? Error) Unauthorized(string message) => (null, new CommandError(ErrorCode.Unauthorized, message));

    private static async ValueTask<ConnectionIdentity?> IdentifyAsync(ITokenValidator tokens, ConnectionIdentity current, string token) =>
        await tokens.ValidateAsync(token, CancellationToken.None) is { } accepted ? current.With(accepted.Principal, accepted.Expires) : null;
}
