using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace MessageBus.Redis.Wire;

/// <summary>
/// What lies between the client and the socket that it has opened: TLS, and on a link for SUBSCRIBE the tap above it. Tells the attempt how far it came.
/// </summary>
internal sealed class LinkTunnel(DialAttempt attempt, SslClientAuthenticationOptions? tls, IPublicationReceiver? receiver) : Tunnel
{
    public override async ValueTask<Stream?> BeforeAuthenticateAsync(
        EndPoint endpoint, ConnectionType connectionType, Socket? socket, CancellationToken cancellationToken)
    {
        attempt.Connected();
        Stream connection = new NetworkStream(socket!, ownsSocket: true);
        if (tls is not null)
        {
            connection = await SecureAsync(connection, tls, cancellationToken);
        }

        return receiver is null ? connection : new PublicationTap(connection, receiver, attempt.Heard);
    }

    private async Task<Stream> SecureAsync(Stream connection, SslClientAuthenticationOptions options, CancellationToken cancellationToken)
    {
        var secured = new SslStream(connection);
        try
        {
            await secured.AuthenticateAsClientAsync(options, cancellationToken);
            attempt.Secured();
            return secured;
        }
        catch (Exception e)
        {
            attempt.Failed(e);
            await secured.DisposeAsync();
            throw;
        }
    }
}
