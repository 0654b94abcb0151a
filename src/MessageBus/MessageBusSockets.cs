using System.Net.Security;
using MessageBus.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MessageBus;

/// <summary>Lets MessageBus own the sockets of Kestrel, so that a WebSocket costs no more than its socket once it is open.</summary>
public static class MessageBusSockets
{
    /// <summary>
    /// Kestrel listens through sockets of MessageBus: requests are served as ever, and a WebSocket of <c>MapMessageBus</c> over HTTP/1.1 is taken out of
    /// Kestrel after its upgrade. For TLS use <see cref="UseOwnedTls"/> on the address in place of <c>UseHttps</c>; behind that, WebSockets stay in Kestrel.
    /// While a request is served its connection is not read: a client that goes away meanwhile is noticed by the next read or write, not by
    /// <c>RequestAborted</c>.
    /// </summary>
    public static IWebHostBuilder UseOwnedSockets(this IWebHostBuilder builder) =>
        builder.ConfigureServices(services => services.AddSingleton<IConnectionListenerFactory, OwnedSocketListenerFactory>());

    /// <summary>TLS on an address that listens through <see cref="UseOwnedSockets"/>.</summary>
    /// <param name="listen">The address.</param>
    /// <param name="options">
    /// Asked at every handshake, so that a renewed certificate is used at once. Give the same instance as long as nothing has changed:
    /// the sessions that returning clients resume are kept with its certificate context.
    /// </param>
    public static ListenOptions UseOwnedTls(this ListenOptions listen, Func<SslServerAuthenticationOptions> options)
    {
        var services = listen.ApplicationServices;
        var tls = new TlsMiddleware(
            options, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILoggerFactory>().CreateLogger<TlsMiddleware>());
        ((IConnectionBuilder)listen).Use(next => connection => tls.ServeAsync(connection, next));
        return listen;
    }
}
