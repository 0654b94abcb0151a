using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.FileProviders.Physical;

namespace MessageBus.Gateway.Configuration;

/// <summary>
/// What plain HTTP is for where HTTPS is served: to be sent there (308: method and body stay), and to answer the challenges of a certificate authority.
/// Of the default addresses in Production port 80 does that; addresses that the operator chose are served as they are, unless he says otherwise.
/// </summary>
internal static class HttpsOnly
{
    /// <summary>RFC 8555 section 8.3.</summary>
    private const string AcmePath = "/.well-known/acme-challenge";

    /// <exception cref="ConfigurationProblem">The folder of the challenges is not there.</exception>
    public static void AddHttpsOnly(this WebApplicationBuilder builder, GatewayOptions options)
    {
        if (options.AcmeFolder is { Length: > 0 } folder && !Directory.Exists(folder))
        {
            throw new ConfigurationProblem($"'MessageBus:AcmeFolder' names a folder that is not there: {folder}");
        }

        var redirects = options.HttpsRedirect ?? (!builder.Environment.IsDevelopment() && !ListenAddresses.AreChosen(builder.Configuration));
        builder.Services.AddSingleton(new Policy(redirects));
        builder.Services.AddHttpsRedirection(redirection =>
        {
            redirection.HttpsPort = options.HttpsPort;
            redirection.RedirectStatusCode = StatusCodes.Status308PermanentRedirect;
        });
        builder.Services.AddHsts(hsts =>
        {
            hsts.MaxAge = options.HstsMaxAge;
            hsts.IncludeSubDomains = options.HstsIncludeSubDomains;
        });
    }

    public static void UseHttpsOnly(this WebApplication app, GatewayOptions options)
    {
        if (options.AcmeFolder is { Length: > 0 } folder)
        {
            app.UseAcmeChallenges(Path.GetFullPath(folder));
        }

        if (options.HstsMaxAge > TimeSpan.Zero)
        {
            app.UseHsts();
        }

        if (app.Services.GetRequiredService<Policy>().Redirects)
        {
            app.Use((context, next) => context.Request.IsHttps || context.Request.Host.HasValue ? next(context) : RefuseAsync(context));
            app.UseHttpsRedirection();
        }
    }

    /// <summary>HTTP/1.0 may leave out the host: then there is no telling where to send the client.</summary>
    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return Task.CompletedTask;
    }

    /// <summary>What an ACME client puts under this folder ("webroot") is served on every address, port 80 too: that is where the authority asks.</summary>
    private static void UseAcmeChallenges(this WebApplication app, string folder) =>
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments(AcmePath, StringComparison.Ordinal),
            challenges => challenges.UseStaticFiles(new StaticFileOptions
            {
                FileProvider = new PhysicalFileProvider(folder, ExclusionFilters.None),
                ServeUnknownFileTypes = true,
                DefaultContentType = "text/plain",
            }));

    private sealed record Policy(bool Redirects);
}
