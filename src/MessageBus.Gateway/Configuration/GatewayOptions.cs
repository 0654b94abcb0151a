using System.ComponentModel.DataAnnotations;
using MessageBus.Gateway.Jwt;

namespace MessageBus.Gateway.Configuration;

/// <summary>What only the gateway host knows, beside <see cref="MessageBusOptions"/>, in the configuration section <c>MessageBus</c>.</summary>
internal sealed class GatewayOptions
{
    /// <summary>The section of both.</summary>
    public const string Section = "MessageBus";

    /// <summary>Whether the gateway may run without Redis outside Development. Default false: then <c>ConnectionStrings:Redis</c> must be set.</summary>
    public bool AllowEmbedded { get; set; }

    /// <summary>The port on 127.0.0.1 where Redis clients reach the embedded broker. Default 6380; the next free one where it is taken.</summary>
    [Range(1, 65535)]
    public int EmbeddedPort { get; set; } = 6380;

    /// <summary>
    /// Whether the gateway owns its sockets: WebSockets over HTTP/1.1 then leave the web server after their upgrade and cost far less memory and processor
    /// time. Default true. False is for comparison, or for a server feature that needs to stay in between.
    /// </summary>
    public bool OwnSockets { get; set; } = true;

    /// <summary>
    /// The port where monitoring fetches <c>GET /metrics</c>, and nothing else is served. Default none; 0 is any free one, which the log names.
    /// In Development the metrics are also beside everything else; elsewhere only here.
    /// </summary>
    [Range(0, 65535)]
    public int? MetricsPort { get; set; }

    /// <summary>The address of <see cref="MetricsPort"/>. Default 127.0.0.1, so that nobody else's machine reaches it; <c>*</c> is every address, for a container.</summary>
    public string MetricsAddress { get; set; } = "127.0.0.1";

    /// <summary>
    /// Addresses (<c>10.0.0.5</c>) and networks (<c>10.0.0.0/8</c>) of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. Default none: then
    /// a client's address is the one that it connects from, which behind a proxy is the proxy's. Read at the start.
    /// </summary>
    public IList<string> Proxies { get; } = [];

    /// <summary>The certificate of the HTTPS addresses.</summary>
    public CertificateOptions Certificate { get; set; } = new();

    /// <summary>Whose tokens are accepted. Default none: outside Development the start then stops, unless anonymous users are served.</summary>
    public JwtOptions Jwt { get; set; } = new();
}

/// <summary>Where the certificate stands: a PEM file (with its key beside it or inside), or a PFX file.</summary>
internal sealed class CertificateOptions
{
    /// <summary>A <c>.pem</c> or <c>.crt</c> file with the certificate and its chain, or a <c>.pfx</c> or <c>.p12</c> file. Default none: self-made in Development.</summary>
    public string? Path { get; set; }

    /// <summary>The PEM file of the private key. Default: the certificate's own file.</summary>
    public string? KeyPath { get; set; }

    /// <summary>The password of the key or of the PFX file. Default none.</summary>
    [DataType(DataType.Password)]
    public string? Password { get; set; }
}
