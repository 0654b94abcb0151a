using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MessageBus.Gateway.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace MessageBus.Gateway.Tls;

/// <summary>
/// The TLS settings of a handshake, renewed when the certificate's files have changed. The files are read at most once a second, and only at a handshake:
/// this also detects swapped symbolic links, as mounted secrets use them. Open connections keep their certificate.
/// </summary>
internal sealed partial class RenewableTls
{
    /// <summary>RFC 8996: older ones are not to be offered.</summary>
    private const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private readonly ServerCertificate _certificate;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    // Guards what follows. Taken once a handshake, for nothing longer than reading two small files once a second.
    private readonly Lock _gate = new();
    private SslServerAuthenticationOptions _options;
    private byte[] _contents;
    private long _checkedAt;
    private string? _problem;

    public RenewableTls(ServerCertificate certificate, TimeProvider time, ILogger logger)
    {
        _certificate = certificate;
        _time = time;
        _logger = logger;
        _contents = certificate.FileContents();
        _options = OptionsFor(certificate.Certificates());
        _checkedAt = time.GetTimestamp();
    }

    /// <summary>The same instance as long as the files are the same: sessions that returning clients resume are kept with it.</summary>
    public SslServerAuthenticationOptions Current()
    {
        lock (_gate)
        {
            if (_time.GetElapsedTime(_checkedAt) >= CheckInterval)
            {
                _checkedAt = _time.GetTimestamp();
                RenewIfChanged();
            }

            return _options;
        }
    }

    /// <summary>For an HTTPS address that the web server secures: each connection gets what is right when it comes.</summary>
    public void Secure(HttpsConnectionAdapterOptions https)
    {
        // The server wants a certificate from the start, though each handshake brings its own.
        https.ServerCertificate = _certificate.Certificates()[0];
        https.SslProtocols = Protocols;
        https.OnAuthenticate = (_, handshake) => handshake.ServerCertificateContext = Current().ServerCertificateContext;
    }

    private void RenewIfChanged()
    {
        try
        {
            var contents = _certificate.FileContents();
            if (contents.AsSpan().SequenceEqual(_contents))
            {
                return;
            }

            _options = OptionsFor(_certificate.Load());
            _contents = contents;
            _problem = null;
            LogRenewed();
        }
        catch (Exception e) when (e is ConfigurationProblem or IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            if (_problem != e.Message)
            {
                _problem = e.Message;
                LogNotRenewed(e.Message);
            }
        }
    }

    private static SslServerAuthenticationOptions OptionsFor(X509Certificate2Collection certificates) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(certificates[0], certificates, offline: true),
        ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        EnabledSslProtocols = Protocols,
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "The certificate's files have changed: new connections get the new certificate.")]
    private partial void LogRenewed();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The certificate's files have changed but cannot be used; the old certificate is still served: {Reason}")]
    private partial void LogNotRenewed(string reason);
}
