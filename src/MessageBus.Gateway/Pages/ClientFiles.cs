using MessageBus.Gateway.Configuration;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Net.Http.Headers;

namespace MessageBus.Gateway.Pages;

/// <summary>The browser client, served below <c>/bus/</c>. The files are embedded in the program.</summary>
internal static class ClientFiles
{
    public static void UseClientFiles(this WebApplication app)
    {
        // The section itself, not a monitor of the options: a monitor throws out of every reload with a mistake in it, before the others have seen it.
        var allowed = app.Configuration.GetSection($"{GatewayOptions.Section}:{nameof(MessageBusOptions.AllowedOrigins)}");
        app.UseStaticFiles(new StaticFileOptions
        {
            RequestPath = "/bus",
            FileProvider = new EmbeddedFileProvider(typeof(ClientFiles).Assembly, "client"),
            OnPrepareResponse = response =>
            {
                Revalidate(response);
                AllowOrigin(response.Context, allowed);
            },
        });
    }

    /// <summary>The URL is the same for all releases, so browsers revalidate each time; the ETag makes that cheap.</summary>
    internal static void Revalidate(StaticFileResponseContext response)
    {
        response.Context.Response.Headers.CacheControl = "no-cache";
        response.Context.Response.Headers.XContentTypeOptions = "nosniff";
    }

    /// <summary>A page of another origin loads a module only with its origin's permission: those that may connect may load the client too.</summary>
    private static void AllowOrigin(HttpContext context, IConfigurationSection allowed)
    {
        context.Response.Headers.Vary = HeaderNames.Origin;
        if (context.Request.Headers.Origin is [{ } origin] && allowed.GetChildren().Any(child => child.Value == origin))
        {
            context.Response.Headers.AccessControlAllowOrigin = origin;
        }
    }
}
