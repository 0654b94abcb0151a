using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace MessageBus.Gateway.Jwt;

/// <summary>The gateway's JWT scheme as ASP.NET knows schemes, so that a host can put JwtBearer, or any other, in its place.</summary>
internal sealed class JwtHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, JwtKeyRing ring, JwtValidator validator)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (TokenSource.Find(Request, ring.Current.Policy.Cookie) is not { } token)
        {
            return AuthenticateResult.NoResult();
        }

        // What is wrong with it is in the log of the validator, and for its holder in `token inspect`; a stranger learns nothing.
        return await validator.ValidateAsync(token, Context.RequestAborted) is { } accepted
            ? AuthenticateResult.Success(new AuthenticationTicket(accepted.Principal, new AuthenticationProperties { ExpiresUtc = accepted.Expires }, Scheme.Name))
            : AuthenticateResult.Fail("The token is not accepted.");
    }

    /// <summary>RFC 6750 section 3.</summary>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers[HeaderNames.WWWAuthenticate] = JwtScheme.Name;
        return base.HandleChallengeAsync(properties);
    }
}
