using System.Security.Claims;
using MessageBus.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace MessageBus.IntegrationTests.Docs;

/// <summary>The recipe for sites with cookies in authentication.md, and for rights in code in security.md, compiled and run.</summary>
internal static class CookieSite
{
    public static WebApplication Build(WebApplicationBuilder builder)
    {
        // docs: cookie site
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
            .AddCookie(cookie => cookie.Cookie.SameSite = SameSiteMode.Lax);
        builder.Services.AddMessageBus(bus => bus.Channels.Add(new ChannelRule { Pattern = "user/{user}/**", Subscribe = "user" }))
            .AddChannelAuthorizer<RoomMembers>();

        var app = builder.Build();
        app.UseAuthentication();
        app.MapMessageBus("/bus");
        // docs: end
        app.MapPost("/sign-in", context => context.SignInAsync(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, "anna")], "password"))));
        return app;
    }
}

// docs: rights in code
public sealed class RoomMembers : IChannelAuthorizer
{
    public async ValueTask<bool> IsAllowedAsync(ChannelRequest request, CancellationToken cancellationToken)
    {
        var room = request.Channel.Value.Split('/') is ["room", var name] ? name : null;
        return room is not null && await IsMemberAsync(room, request.User.FindFirstValue(ClaimTypes.NameIdentifier), cancellationToken);
    }

    // In place of your database.
    private static Task<bool> IsMemberAsync(string room, string? user, CancellationToken cancellationToken) =>
        Task.FromResult(room is "garden" && user is "anna");
}
// docs: end
