using Microsoft.Extensions.FileProviders;

namespace MessageBus.Gateway.Pages;

/// <summary>The browser client, from the gateway's own origin under <c>/bus/</c>. The files are inside the program.</summary>
internal static class ClientFiles
{
    public static void UseClientFiles(this WebApplication app) =>
        app.UseStaticFiles(new StaticFileOptions
        {
            RequestPath = "/bus",
            FileProvider = new EmbeddedFileProvider(typeof(ClientFiles).Assembly, "client"),
            OnPrepareResponse = Revalidate,
        });

    /// <summary>The address stays the same over releases, so a browser asks each time; the ETag makes that cheap.</summary>
    internal static void Revalidate(Microsoft.AspNetCore.StaticFiles.StaticFileResponseContext response)
    {
        response.Context.Response.Headers.CacheControl = "no-cache";
        response.Context.Response.Headers.XContentTypeOptions = "nosniff";
    }
}
