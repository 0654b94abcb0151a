using System.ComponentModel.DataAnnotations;
using MessageBus.Gateway.Jwt;

namespace MessageBus.Gateway.Configuration;

/// <summary>What only the gateway host knows, beside <see cref="MessageBusOptions"/>, in the configuration section <c>MessageBus</c>.</summary>
internal sealed class GatewayOptions
{
    /// <summary>The section of both.</summary>
    public const string Section = "MessageBus";

    /// <summary>Where Docker and others mount secrets.</summary>
    public const string DefaultSecretsFolder = "/run/secrets";

    /// <summary>Whether the gateway may run without Redis outside Development. Default false: then <c>ConnectionStrings:Redis</c> must be set.</summary>
    public bool AllowEmbedded { get; set; }

    /// <summary>Who the gateway is at Redis, where that does not stand in <c>ConnectionStrings:Redis</c>.</summary>
    public RedisCredentials Redis { get; set; } = new();

    /// <summary>The port on 127.0.0.1 where Redis clients reach the embedded broker. Default 6380; the next free one where it is taken.</summary>
    [Range(1, 65535)]
    public int EmbeddedPort { get; set; } = 6380;

    /// <summary>
    /// Whether the gateway owns its sockets: WebSockets over HTTP/1.1 then leave the web server after their upgrade and cost far less memory and processor
    /// time. Default true. False is for comparison, or for a server feature that needs to stay in between.
    /// </summary>
    public bool OwnSockets { get; set; } = true;

    /// <summary>
    /// Whether the operators' page is served at <c>/console</c>. Default true: it holds nothing by itself, and shows what the key that is entered there may see.
    /// </summary>
    public bool OperatorConsole { get; set; } = true;

    /// <summary>
    /// The port where monitoring fetches <c>GET /metrics</c> without a key, and nothing else is served. Default none; 0 is any free one, which the log names.
    /// The metrics are also beside everything else, for an API key of the scope admin.
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

    /// <summary>
    /// Whether requests over plain HTTP are sent to HTTPS (308) in place of being served. Default none: outside Development on the default addresses, else not.
    /// </summary>
    public bool? HttpsRedirect { get; set; }

    /// <summary>The port of HTTPS that requests are sent to, as clients see it: of the proxy or the published one, where that differs. Default 443.</summary>
    [Range(1, 65535)]
    public int HttpsPort { get; set; } = 443;

    /// <summary>
    /// For how long browsers are to use nothing but HTTPS for this host (<c>Strict-Transport-Security</c>, RFC 6797). Default 0: it is not said. Browsers keep to it
    /// even when HTTPS stops working, so begin with a short time. Never said for localhost.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "730.00:00:00")]
    public TimeSpan HstsMaxAge { get; set; }

    /// <summary>Whether <see cref="HstsMaxAge"/> goes for all hosts below this one too. Default false.</summary>
    public bool HstsIncludeSubDomains { get; set; }

    /// <summary>The folder ("webroot") where an ACME client puts its challenges: <c>/.well-known/acme-challenge/</c> is served from it. Default none.</summary>
    public string? AcmeFolder { get; set; }

    /// <summary>Whether the page to try the bus by hand is served at <c>/</c>. It has no rights of its own. Default none: in Development.</summary>
    public bool? ConsolePage { get; set; }

    /// <summary>How that page tells people to start redis-cli. Default none: in Development with the broker's address, else not at all.</summary>
    public string? ConsoleRedisCli { get; set; }

    /// <summary>The folder of settings that stand in files of their own, named like environment variables. Default <c>/run/secrets</c>, where that is there.</summary>
    public string? SecretsFolder { get; set; }

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
