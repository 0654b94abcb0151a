using MessageBus.Gateway.Tls;

namespace MessageBus.Gateway.Configuration;

/// <summary>Where the gateway listens: what <c>urls</c> (or another of ASP.NET's settings) says, else the defaults of the environment.</summary>
internal static class Listening
{
    private static readonly string[] AddressKeys = ["urls", "http_ports", "https_ports"];

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

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ConfigureHttpsDefaults(certificate.Use);
        });

        if (options.OwnSockets)
        {
            builder.AddOwnedSockets(TakeAddresses(builder.Configuration), certificate);
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

    /// <summary>Takes the addresses out of the configuration, so that the server does not listen on them a second time by itself.</summary>
    private static List<BindingAddress> TakeAddresses(ConfigurationManager configuration)
    {
        // ASP.NET's own rule: ports count only where there are no urls.
        var urls = Split(configuration["urls"]);
        if (urls.Length is 0)
        {
            urls =
            [
                .. Split(configuration["http_ports"]).Select(port => $"http://*:{port}"),
                .. Split(configuration["https_ports"]).Select(port => $"https://*:{port}"),
            ];
        }

        foreach (var key in AddressKeys)
        {
            configuration[key] = null;
        }

        return [.. urls.Select(Parse)];
    }

    private static BindingAddress Parse(string url)
    {
        try
        {
            return BindingAddress.Parse(url);
        }
        catch (FormatException e)
        {
            throw new ConfigurationProblem($"'{url}' in 'urls' is not an address. An address is like http://localhost:8080 or https://*:443.", e);
        }
    }

    private static string[] Split(string? list) => (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Marks that the default addresses are in use.</summary>
    private sealed class HttpsOnly;
}
