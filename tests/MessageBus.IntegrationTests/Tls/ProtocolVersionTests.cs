using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Tls;

/// <summary>TLS 1.2 and 1.3, and nothing older (RFC 8996).</summary>
public sealed class ProtocolVersionTests
{
    private const byte Alert = 21;
    private const byte Fatal = 2;
    private const byte ProtocolVersion = 70;

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Current_versions_are_served(SslProtocols version)
    {
        await using var gateway = GatewayApp.Start();
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(gateway.Https.Host, gateway.Https.Port);
        await using var tls = new SslStream(tcp.GetStream());

        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = version, RemoteCertificateValidationCallback = (_, _, _, _) => true });

        Assert.Equal(version, tls.SslProtocol);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Older_versions_are_refused_for_being_old(byte minor)
    {
        await using var gateway = GatewayApp.Start();
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(gateway.Https.Host, gateway.Https.Port);

        await tcp.GetStream().WriteAsync(ClientHello(minor));
        var answer = new byte[7];
        await Eventually.DoneAsync(tcp.GetStream().ReadExactlyAsync(answer).AsTask(), "the gateway answers the handshake");

        Assert.Equal((Alert, Fatal, ProtocolVersion), (answer[0], answer[5], answer[6]));
    }

    /// <summary>
    /// By hand, since the machine's own TLS may refuse to offer it. Record (RFC 5246 section 6.2.1): type, version, length. ClientHello (section 7.4.1.2):
    /// type, length, version, random, session id, cipher suites, compression methods, extensions. Version 3.MINOR: 1 and 2 are TLS 1.0 and 1.1.
    /// </summary>
    private static byte[] ClientHello(byte minor)
    {
        byte[] extensions =
        [
            0, 10, 0, 4, 0, 2, 0, 23, // supported_groups: P-256
            0, 11, 0, 2, 1, 0, // ec_point_formats: uncompressed
        ];

        // ECDHE_ECDSA and ECDHE_RSA with AES 128 CBC and SHA-1, which these versions have.
        byte[] body = [3, minor, .. new byte[32], 0, 0, 4, 0xC0, 0x09, 0xC0, 0x13, 1, 0, 0, (byte)extensions.Length, .. extensions];
        return [22, 3, minor, 0, (byte)(body.Length + 4), 1, 0, 0, (byte)body.Length, .. body];
    }
}
