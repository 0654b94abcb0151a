using MessageBus.Gateway.Tls;

namespace MessageBus.Gateway.Configuration;

/// <summary>Where the gateway listens: what <c>urls</c> (or another of ASP.NET's settings) says, else the defaults of the environment.</summary>
internal static class Listening
{
    private static readonly string[] AddressKeys = ["urls", "http_ports", "https_ports"];

    public static void AddListening(this WebApplicationBuilder builder, GatewayOptions options)
    {
        var certificate = new ServerCertificate(options.Certificate, selfMade: builder.Environment.IsDevelopment());
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ConfigureHttpsDefaults(certificate.Use);
        });

        if (UsesDefaults(builder.Configuration))
        {
            builder.WebHost.UseUrls(builder.Environment.IsDevelopment()
                ? ["http://localhost:8080", "https://localhost:8443"]
                : ["https://*:443", "http://*:80"]);
        }

        builder.Services.AddHttpsRedirection(redirection => redirection.HttpsPort = 443);
    }

    /// <summary>In Production the default port 80 only sends to HTTPS. Addresses that the operator chose are served as they are.</summary>
    public static void UseHttpsOnly(this WebApplication app)
    {
        if (!app.Environment.IsDevelopment() && UsesDefaults(app.Configuration))
        {
            app.UseHttpsRedirection();
        }
    }

    private static bool UsesDefaults(IConfiguration configuration) =>
        AddressKeys.All(key => string.IsNullOrEmpty(configuration[key])) && !configuration.GetSection("Kestrel:Endpoints").Exists();
}
