using System.Net;
using MessageBus.Gateway.Tls;

namespace MessageBus.Gateway.Configuration;

/// <summary>Where the gateway listens: what <c>urls</c> (or another of ASP.NET's settings) says, else the defaults of the environment.</summary>
internal static class Listening
{
    private static readonly string[] AddressKeys = ["urls", "http_ports", "https_ports"];

    /// <exception cref="ConfigurationProblem">An address is none, or the certificate cannot be used.</exception>
    public static void AddListening(this WebApplicationBuilder builder, GatewayOptions options)
    {
        var certificate = new ServerCertificate(options.Certificate, selfMade: builder.Environment.IsDevelopment());
        if (UsesDefaults(builder.Configuration))
        {
            builder.Configuration["urls"] = builder.Environment.IsDevelopment()
                ? "http://localhost:8080;https://localhost:8443"
                : "https://*:443;http://*:80";
            builder.Services.AddSingleton<HttpsOnly>();
        }

        var addresses = ReadAddresses(builder.Configuration);
        if (addresses.Exists(address => address.Scheme is "https"))
        {
            // Only to stop the start here, whoever will secure the address.
            certificate.Certificates();
        }

        builder.AddLocalHosts(addresses);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.AddFirstRequestDeadline();
            kestrel.ConfigureHttpsDefaults(certificate.Use);
        });

        if (options.OwnSockets)
        {
            // Taken out of the configuration, so that the server does not listen on them a second time by itself.
            Array.ForEach(AddressKeys, key => builder.Configuration[key] = null);
            builder.AddOwnedSockets(addresses, certificate);
        }

        builder.Services.AddHttpsRedirection(redirection => redirection.HttpsPort = 443);
    }

    /// <summary>In Production the default port 80 only sends to HTTPS. Addresses that the operator chose are served as they are.</summary>
    public static void UseHttpsOnly(this WebApplication app)
    {
        if (!app.Environment.IsDevelopment() && app.Services.GetService<HttpsOnly>() is not null)
        {
            app.UseHttpsRedirection();
        }
    }

    private static bool UsesDefaults(ConfigurationManager configuration) =>
        AddressKeys.All(key => string.IsNullOrEmpty(configuration[key])) && !configuration.GetSection("Kestrel:Endpoints").Exists();

    private static List<BindingAddress> ReadAddresses(ConfigurationManager configuration)
    {
        // ASP.NET's own rule: ports count only where there are no urls.
        var urls = Split(configuration["urls"]);
        return urls.Length > 0
            ? [.. urls.Select(Parse)]
            : [
                .. Split(configuration["http_ports"]).Select(port => Parse($"http://*:{port}")),
                .. Split(configuration["https_ports"]).Select(port => Parse($"https://*:{port}")),
            ];
    }

    private static BindingAddress Parse(string url)
    {
        try
        {
            if (BindingAddress.Parse(url) is { Scheme: "http" or "https", Port: <= IPEndPoint.MaxPort } address)
            {
                return address;
            }
        }
        catch (FormatException)
        {
            // Said below.
        }

        throw new ConfigurationProblem($"'urls' has '{url}', which is no address to listen on. Right is, for example, http://localhost:8080 or https://*:443.");
    }

    private static string[] Split(string? list) => (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Marks that the default addresses are in use.</summary>
    private sealed class HttpsOnly;
}
