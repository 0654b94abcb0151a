using MessageBus.Gateway.Tls;

namespace MessageBus.Gateway.Configuration;

/// <summary>Makes the gateway listen on its addresses, with its certificate on those of https.</summary>
internal static class Listening
{
    /// <exception cref="ConfigurationProblem">An address is none, or the certificate cannot be used.</exception>
    public static void AddListening(this WebApplicationBuilder builder, GatewayOptions options)
    {
        var certificate = new ServerCertificate(options.Certificate, selfMade: builder.Environment.IsDevelopment());
        builder.AddHttpsOnly(options);
        if (!ListenAddresses.AreChosen(builder.Configuration))
        {
            builder.Configuration["urls"] = ListenAddresses.Defaults(builder.Environment);
        }

        var addresses = ListenAddresses.Read(builder.Configuration);
        if (addresses.Exists(address => address.Scheme is "https"))
        {
            // Only to stop the start here, whoever will secure the address.
            certificate.Certificates();
        }

        builder.AddLocalHosts(addresses);
        builder.Services.AddSingleton(services => new RenewableTls(certificate, TimeProvider.System, services.GetRequiredService<ILogger<RenewableTls>>()));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.AddFirstRequestDeadline();
            kestrel.ConfigureHttpsDefaults(https => kestrel.ApplicationServices.GetRequiredService<RenewableTls>().Secure(https));
        });

        if (options.OwnSockets)
        {
            // Taken out of the configuration, so that the server does not listen on them a second time by itself.
            Array.ForEach(ListenAddresses.Keys, key => builder.Configuration[key] = null);
            builder.AddOwnedSockets(addresses);
        }
    }
}
