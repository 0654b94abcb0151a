using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MessageBus.Gateway.Jwt;

/// <summary>
/// ASP.NET Core's JwtBearer, with the gateway's places for tokens and its validator, which judges the tokens of <c>connect</c> and <c>refresh</c> too.
/// It has no log: it writes lines at Information for each token that is refused. The validator writes one at Debug.
/// </summary>
internal sealed class JwtHandler(IOptionsMonitor<JwtBearerOptions> options, UrlEncoder encoder) : JwtBearerHandler(options, NullLoggerFactory.Instance, encoder)
{
    public static void Configure(JwtBearerOptions options, JwtKeyRing ring, JwtValidator validator)
    {
        // What is wrong with a token is in the log of the validator, and for its holder in `token inspect`; a stranger learns nothing.
        options.IncludeErrorDetails = false;
        options.Events = new JwtBearerEvents
        {
            OnMessageReceived = async context =>
            {
                if (TokenSource.Find(context.Request, ring.Current.Policy.Cookie) is not { } token)
                {
                    context.NoResult();
                }
                else if (await validator.ValidateAsync(token, context.HttpContext.RequestAborted) is { } accepted)
                {
                    context.Principal = accepted.Principal;
                    context.Properties.ExpiresUtc = accepted.Expires;
                    context.Success();
                }
                else
                {
                    context.Fail("The token is not accepted.");
                }
            },
        };
    }
}
