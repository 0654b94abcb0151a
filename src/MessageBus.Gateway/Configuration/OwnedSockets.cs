using System.Net;
using MessageBus.Gateway.Tls;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MessageBus.Gateway.Configuration;

/// <summary>Listens on the addresses through sockets of the gateway's own.</summary>
internal static class OwnedSockets
{
    public static void AddOwnedSockets(this WebApplicationBuilder builder, IReadOnlyList<BindingAddress> addresses)
    {
        var secured = new SecuredAddresses();
        builder.Services.AddSingleton(secured);
        builder.Services.AddSingleton<IStartupFilter, NoOtherAddresses>();
        builder.WebHost.UseOwnedSockets();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            foreach (var address in addresses)
            {
                Listen(kestrel, address, listen =>
                {
                    if (address.Scheme.Equals(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase))
                    {
                        listen.UseOwnedTls(kestrel.ApplicationServices.GetRequiredService<RenewableTls>().Current);
                        secured.Add(listen);
                    }
                });
            }
        });
    }

    /// <summary>The server does not know of our TLS, and reports such addresses as http: says it right.</summary>
    public static void CorrectAddresses(this WebApplication app)
    {
        if (app.Services.GetService<SecuredAddresses>() is { } secured)
        {
            var features = app.Services.GetRequiredService<IServer>().Features;
            features.Set<IServerAddressesFeature>(secured.Correct(features.GetRequiredFeature<IServerAddressesFeature>()));
        }
    }

    private static void Listen(KestrelServerOptions kestrel, BindingAddress address, Action<ListenOptions> configure)
    {
        if (address.IsUnixPipe)
        {
            kestrel.ListenUnixSocket(address.UnixPipePath, configure);
        }
        else if (address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            kestrel.ListenLocalhost(address.Port, configure);
        }
        else if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip))
        {
            kestrel.Listen(ip, address.Port, configure);
        }
        else
        {
            // As in ASP.NET: *, + and any other name mean every address of the machine.
            kestrel.ListenAnyIP(address.Port, configure);
        }
    }

    /// <summary>The host keeps the addresses of command line and environment for itself, and the server would warn that they are overridden, by the very same ones.</summary>
    private sealed class NoOtherAddresses : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.ServerFeatures.Get<IServerAddressesFeature>()?.Addresses.Clear();
            next(app);
        };
    }

    private sealed class SecuredAddresses
    {
        private readonly List<ListenOptions> _listens = [];

        public void Add(ListenOptions listen) => _listens.Add(listen);

        public ServerAddressesFeature Correct(IServerAddressesFeature reported)
        {
            var secured = _listens.Select(listen => listen.ToString()).ToHashSet();
            var correct = new ServerAddressesFeature { PreferHostingUrls = reported.PreferHostingUrls };
            foreach (var address in reported.Addresses)
            {
                correct.Addresses.Add(secured.Contains(address) ? "https" + address["http".Length..] : address);
            }

            return correct;
        }
    }
}
