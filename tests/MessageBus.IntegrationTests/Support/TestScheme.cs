using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MessageBus.IntegrationTests.Support;

/// <summary>
/// An authentication that takes everybody's word: <c>Authorization: Test 42;groups=staff;role=admin</c>, or the same in the cookie <c>test</c>,
/// with commas in place of the semicolons.
/// </summary>
internal sealed class TestScheme(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "Test";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        var word = header.StartsWith($"{Name} ", StringComparison.Ordinal) ? header[(Name.Length + 1)..] : Request.Cookies["test"];
        if (word is null)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        var parts = word.Split(header.Length > 0 ? ';' : ',');
        var claims = parts.Skip(1).Select(part => part.Split('=', 2)).Select(pair => new Claim(pair[0] is "role" ? ClaimTypes.Role : pair[0], pair[1]));
        var identity = new ClaimsIdentity(claims.Prepend(new Claim(ClaimTypes.NameIdentifier, parts[0])), Name);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Name)));
    }
}
