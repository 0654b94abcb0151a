using Microsoft.Extensions.FileProviders;

namespace MessageBus.Gateway.Pages;

/// <summary>The browser client, served below <c>/bus/</c>. The files are embedded in the program.</summary>
internal static class ClientFiles
{
    public static void UseClientFiles(this WebApplication app) =>
        app.UseStaticFiles(new StaticFileOptions
        {
            RequestPath = "/bus",
            FileProvider = new EmbeddedFileProvider(typeof(ClientFiles).Assembly, "client"),
            OnPrepareResponse = Revalidate,
        });

    /// <summary>The URL is the same for all releases, so browsers revalidate each time; the ETag makes that cheap.</summary>
    internal static void Revalidate(Microsoft.AspNetCore.StaticFiles.StaticFileResponseContext response)
    {
        response.Context.Response.Headers.CacheControl = "no-cache";
        response.Context.Response.Headers.XContentTypeOptions = "nosniff";
    }
}
