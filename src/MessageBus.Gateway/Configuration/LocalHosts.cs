using System.Net;

namespace MessageBus.Gateway.Configuration;

/// <summary>
/// On a developer's machine, where everything is open, serves only requests that name this machine. A page of any site can point a name of its own at
/// 127.0.0.1 (DNS rebinding): for the browser it is then of the gateway's own origin, and only the Host header tells.
/// </summary>
internal static class LocalHosts
{
    private static readonly string[] Names = ["localhost", "*.localhost", "127.0.0.1", "[::1]"];

    /// <summary>Where the operator has said <c>AllowedHosts</c> (ASP.NET's own setting) himself, or listens for other machines too, nothing is changed.</summary>
    public static void AddLocalHosts(this WebApplicationBuilder builder, IReadOnlyList<BindingAddress> addresses)
    {
        if (builder.Environment.IsDevelopment() && addresses.Count > 0 && addresses.All(IsLocal))
        {
            builder.Configuration["AllowedHosts"] ??= string.Join(';', Names.Concat(addresses.Select(address => address.Host)).Distinct());
        }
    }

    private static bool IsLocal(BindingAddress address) =>
        address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
}
