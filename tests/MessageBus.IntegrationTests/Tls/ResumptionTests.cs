using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Tls;

/// <summary>A client that returns does not pay for a whole handshake again (RFC 8446 section 2.2; RFC 5077 for TLS 1.2).</summary>
public sealed class ResumptionTests
{
    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_returning_client_is_not_shown_the_certificate_again(SslProtocols version)
    {
        await using var gateway = GatewayApp.Start();

        // The framework's client keeps sessions by these options and the name of the host.
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = version,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        };

        var first = await HandshakeAsync(gateway, options);
        var second = await HandshakeAsync(gateway, options);

        // No API of the client tells. A certificate and the signature by its key are most of what a server sends in a whole handshake.
        Assert.True(second < first / 2, $"The gateway has sent {first} bytes for the first handshake, {second} for the second.");
    }

    /// <summary>Returns how many bytes the client has read until the end of the handshake. Then it reads on, as the ticket for the next time comes behind it.</summary>
    private static async Task<long> HandshakeAsync(GatewayApp gateway, SslClientAuthenticationOptions options)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(gateway.Https.Host, gateway.Https.Port);
        var counting = new CountingStream(tcp.GetStream());
        await using var tls = new SslStream(counting);
        await tls.AuthenticateAsClientAsync(options);
        var count = counting.BytesRead;

        await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET /health/live HTTP/1.1\r\nHost: localhost:{gateway.Https.Port}\r\nConnection: close\r\n\r\n"));
        var answer = await Eventually.ResultAsync(new StreamReader(tls).ReadToEndAsync(), "the answer");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        return count;
    }

    private sealed class CountingStream(Stream transport) : Stream
    {
        public long BytesRead { get; private set; }

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await transport.ReadAsync(buffer, cancellationToken);
            BytesRead += count;
            return count;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => transport.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => transport.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => transport.Write(buffer, offset, count);

        public override void Flush() => transport.Flush();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
