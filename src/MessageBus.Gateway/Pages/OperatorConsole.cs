using MessageBus.Gateway.Configuration;

namespace MessageBus.Gateway.Pages;

/// <summary>
/// The operators' console at <c>/console</c>, in every environment unless <see cref="GatewayOptions.OperatorConsole"/> is false. The page contains no data:
/// it reads everything from the API with the key that its user enters.
/// </summary>
internal static class OperatorConsole
{
    private const string Path = "/console";

    /// <summary>Only the page's own files and its own gateway. Text cannot become markup or code, even if the page has a bug.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        + "require-trusted-types-for 'script'; trusted-types 'none'";

    public static void UseOperatorConsole(this WebApplication app, GatewayOptions options)
    {
        if (!options.OperatorConsole)
        {
            return;
        }

        var files = PageFiles.Of("console");
        app.UseDefaultFiles(new DefaultFilesOptions { RequestPath = Path, FileProvider = files });
        app.UseStaticFiles(new StaticFileOptions
        {
            RequestPath = Path,
            FileProvider = files,
            OnPrepareResponse = response =>
            {
                ClientFiles.Revalidate(response);
                var headers = response.Context.Response.Headers;
                headers.ContentSecurityPolicy = Policy;
                headers["Referrer-Policy"] = "no-referrer";
                headers["Cross-Origin-Opener-Policy"] = "same-origin";
            },
        });
    }
}
