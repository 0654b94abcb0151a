using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace MessageBus.BrowserTests.Browser;

/// <summary>The site that a gateway is part of: it knows its users by a cookie that no script can read, and gives its pages a policy.</summary>
internal static class Site
{
    private const string SessionCookie = "session";

    public static void Use(IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.Request.Cookies[SessionCookie] is { } user)
        {
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, user)], SessionCookie));
        }

        if (context.Request.Path == "/site/login")
        {
            context.Response.Cookies.Append(SessionCookie, context.Request.Query["user"]!, new CookieOptions { HttpOnly = true });
        }
        else if (context.Request.Path == "/site/page")
        {
            context.Response.ContentType = "text/html";
            context.Response.Headers.ContentSecurityPolicy = context.Request.Query["policy"];
            await context.Response.WriteAsync("<!doctype html><title>A page</title>");
        }
        else
        {
            await next(context);
        }
    });

    /// <summary>The address of a page with this content security policy.</summary>
    public static string PageWithPolicy(string policy) => $"site/page?policy={Uri.EscapeDataString(policy)}";

    /// <summary>The address that makes this the user from now on.</summary>
    public static string LogIn(string user) => $"site/login?user={user}";
}
