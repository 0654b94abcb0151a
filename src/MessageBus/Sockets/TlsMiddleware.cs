using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace MessageBus.Sockets;

/// <summary>
/// TLS between an owned socket and Kestrel, in place of Kestrel's own, so that the encrypted stream can be detached with the connection.
/// Offers HTTP/2 and HTTP/1.1 by ALPN (RFC 7301).
/// </summary>
internal sealed partial class TlsMiddleware(Func<SslServerAuthenticationOptions> options, TimeProvider time, ILogger logger)
{
    /// <summary>How long a client may take for its handshake; the same as Kestrel's.</summary>
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    private readonly ILogger _logger = logger;

    public async Task ServeAsync(ConnectionContext context, ConnectionDelegate next)
    {
        if (context is not OwnedConnection connection)
        {
            throw new InvalidOperationException("TLS of owned sockets was put on a connection that is not one.");
        }

        var tls = new SslStream(connection.Plain, leaveInnerStreamOpen: false);
        if (await TryHandshakeAsync(tls, context))
        {
            connection.Secure(tls);
            var facts = new TlsFacts(tls);
            context.Features.Set<ITlsConnectionFeature>(facts);
            context.Features.Set<ITlsApplicationProtocolFeature>(facts);
            context.Features.Set<ITlsHandshakeFeature>(facts);
            await next(context);
        }
        else
        {
            await tls.DisposeAsync();
        }
    }

    private async Task<bool> TryHandshakeAsync(SslStream tls, ConnectionContext context)
    {
        try
        {
            using var deadline = new CancellationTokenSource(HandshakeTimeout, time);
            await tls.AuthenticateAsServerAsync(options(), deadline.Token);
            return true;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            LogHandshakeFailed(context.ConnectionId, e.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The TLS handshake of connection {Connection} failed: {Reason}")]
    private partial void LogHandshakeFailed(string connection, string reason);

    /// <summary>What Kestrel and applications want to know of the TLS session. Read once, so that the session itself is not held.</summary>
    private sealed class TlsFacts(SslStream tls) : ITlsConnectionFeature, ITlsApplicationProtocolFeature, ITlsHandshakeFeature
    {
        public ReadOnlyMemory<byte> ApplicationProtocol { get; } = tls.NegotiatedApplicationProtocol.Protocol;

        public SslProtocols Protocol { get; } = tls.SslProtocol;

        public TlsCipherSuite? NegotiatedCipherSuite { get; } = tls.NegotiatedCipherSuite;

        /// <summary>Client certificates are not asked for.</summary>
        public X509Certificate2? ClientCertificate { get; set; }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);

#pragma warning disable SYSLIB0058 // The interface still has these, superseded by the cipher suite.
        public CipherAlgorithmType CipherAlgorithm => tls.CipherAlgorithm;

        public int CipherStrength => tls.CipherStrength;

        public HashAlgorithmType HashAlgorithm => tls.HashAlgorithm;

        public int HashStrength => tls.HashStrength;

        public ExchangeAlgorithmType KeyExchangeAlgorithm => tls.KeyExchangeAlgorithm;

        public int KeyExchangeStrength => tls.KeyExchangeStrength;
#pragma warning restore SYSLIB0058
    }
}
