using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace MessageBus.Gateway.Pages;

/// <summary>The browser client, served below <c>/bus/</c>. The files are embedded in the program.</summary>
internal static class ClientFiles
{
    public static void UseClientFiles(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptionsMonitor<MessageBusOptions>>();
        app.UseStaticFiles(new StaticFileOptions
        {
            RequestPath = "/bus",
            FileProvider = new EmbeddedFileProvider(typeof(ClientFiles).Assembly, "client"),
            OnPrepareResponse = response =>
            {
                Revalidate(response);
                AllowOrigin(response.Context, options.CurrentValue.AllowedOrigins);
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
    private static void AllowOrigin(HttpContext context, IList<string> allowed)
    {
        context.Response.Headers.Vary = HeaderNames.Origin;
        if (context.Request.Headers.Origin is [{ } origin] && allowed.Contains(origin))
        {
            context.Response.Headers.AccessControlAllowOrigin = origin;
        }
    }
}
