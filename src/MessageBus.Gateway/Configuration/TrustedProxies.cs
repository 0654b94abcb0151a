using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace MessageBus.Gateway.Configuration;

/// <summary>
/// Takes the client's address and scheme from X-Forwarded-For and X-Forwarded-Proto, by ASP.NET's own middleware, but only from the proxies that the operator
/// has named: anybody can write such a header. A chain of proxies is followed back as long as each is one of them.
/// </summary>
internal static class TrustedProxies
{
    /// <exception cref="ConfigurationProblem">An entry is neither an address nor a network.</exception>
    public static void AddTrustedProxies(this WebApplicationBuilder builder, GatewayOptions options)
    {
        var networks = options.Proxies.Select(Parse).ToList();
        builder.Services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = networks.Count > 0 ? ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto : ForwardedHeaders.None;
            forwarded.ForwardLimit = null;

            // By itself it would trust everything on this machine.
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            networks.ForEach(forwarded.KnownIPNetworks.Add);
        });
    }

    public static void UseTrustedProxies(this WebApplication app) => app.UseForwardedHeaders();

    private static IPNetwork Parse(string entry)
    {
        if (IPNetwork.TryParse(entry, out var network))
        {
            return network;
        }

        // Without a slash it is one address.
        return !entry.Contains('/', StringComparison.Ordinal) && IPAddress.TryParse(entry, out var address)
            ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
            : throw new ConfigurationProblem(
                $"'{GatewayOptions.Section}:Proxies' has '{entry}', which is neither an address nor a network. Right is, for example, 10.0.0.5 or 10.0.0.0/8, with zeros behind the prefix.");
    }
}
