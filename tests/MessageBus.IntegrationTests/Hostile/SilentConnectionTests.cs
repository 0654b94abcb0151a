using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Hostile;

/// <summary>Clients that stop before their first request, at each place where they can. (Thousands of them: CrowdTests. After the upgrade: BadMessageTests.)</summary>
public sealed class SilentConnectionTests
{
    // RFC 8446 section 4.1.2: the record promises 512 bytes.
    private static readonly byte[] BeginOfClientHello = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03];

    // RFC 9113 section 3.4, with empty settings.
    private static readonly byte[] Http2Preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0];

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Each_is_cut_when_no_request_has_come_in_time(string ownSockets)
    {
        await using var gateway = GatewayApp.Start(("MessageBus:Limits:ConnectTimeout", "00:00:01"), ("MessageBus:OwnSockets", ownSockets));

        await Task.WhenAll(
            IsCutAsync(gateway.Http, "nothing", []),
            IsCutAsync(gateway.Http, "half a request", [.. "GET /bus HT"u8]),
            IsCutAsync(gateway.Https, "no TLS", []),
            IsCutAsync(gateway.Https, "half a hello", BeginOfClientHello),
            IsCutAsync(gateway.Https, "nothing over TLS", [], "http/1.1"),
            IsCutAsync(gateway.Https, "half a request over TLS", [.. "GET /bus HT"u8], "http/1.1"),
            IsCutAsync(gateway.Https, "nothing but the beginning of HTTP/2", Http2Preface, "h2"));

        await GoodClient.IsServedByAsync(gateway);
    }

    private static async Task IsCutAsync(Uri address, string what, byte[] words, string? protocol = null)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(address.Host, address.Port);
        Stream stream = tcp.GetStream();
        if (protocol is not null)
        {
            var tls = new SslStream(stream);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ApplicationProtocols = [new SslApplicationProtocol(protocol)],
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            });
            stream = tls;
        }

        await stream.WriteAsync(words);
        try
        {
            await Eventually.DoneAsync(stream.CopyToAsync(Stream.Null), $"a client that has said {what} is cut");
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // A reset is an end too.
        }
    }
}
