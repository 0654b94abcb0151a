using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MessageBus.Gateway.Configuration;

namespace MessageBus.Gateway.Tls;

/// <summary>The certificate of the HTTPS addresses: the configured one, or in Development a self-made one for localhost.</summary>
internal sealed class ServerCertificate
{
    private readonly CertificateOptions _options;
    private readonly bool _selfMade;
    private X509Certificate2Collection? _certificates;

    /// <exception cref="ConfigurationProblem">A certificate is configured but cannot be used.</exception>
    public ServerCertificate(CertificateOptions options, bool selfMade)
    {
        _options = options;
        _selfMade = selfMade;
        _certificates = string.IsNullOrEmpty(options.Path) ? null : Load();
    }

    // An environment variable that is set to nothing is as good as none.
    private string? KeyPath => string.IsNullOrEmpty(_options.KeyPath) ? null : _options.KeyPath;

    private string? Password => string.IsNullOrEmpty(_options.Password) ? null : _options.Password;

    /// <summary>The certificate with its key, then its chain.</summary>
    /// <exception cref="ConfigurationProblem">There is no certificate.</exception>
    public X509Certificate2Collection Certificates()
    {
        if (_certificates is null && !_selfMade)
        {
            throw new ConfigurationProblem(
                "There is an https address but no certificate. Set 'MessageBus:Certificate:Path' (PEM or PFX) and, for PEM, 'MessageBus:Certificate:KeyPath'.");
        }

        return _certificates ??= [SelfMadeCertificate.For(["localhost", "127.0.0.1", "::1"], TimeProvider.System.GetUtcNow())];
    }

    /// <summary>What stands in the configured files, to see whether it has changed.</summary>
    public byte[] FileContents()
    {
        var files = new[] { _options.Path, KeyPath }.OfType<string>().Where(path => path.Length > 0);
        return [.. files.SelectMany(File.ReadAllBytes)];
    }

    /// <summary>Reads the configured files.</summary>
    /// <exception cref="ConfigurationProblem">They cannot be used.</exception>
    public X509Certificate2Collection Load()
    {
        var path = _options.Path!;
        if (!File.Exists(path))
        {
            throw new ConfigurationProblem($"'MessageBus:Certificate:Path' names a file that is not there: {path}");
        }

        if (KeyPath is { } keyPath && !File.Exists(keyPath))
        {
            throw new ConfigurationProblem($"'MessageBus:Certificate:KeyPath' names a file that is not there: {keyPath}");
        }

        try
        {
            return Path.GetExtension(path).ToUpperInvariant() is ".PFX" or ".P12" ? LoadPfx(path) : LoadPem(path);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationProblem($"The certificate of 'MessageBus:Certificate:Path' ({path}) cannot be used: {e.Message}", e);
        }
    }

    private X509Certificate2Collection LoadPfx(string path)
    {
        var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(path, Password);
        var own = all.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? throw new CryptographicException("The file holds no private key.");
        return [own, .. all.Where(certificate => !ReferenceEquals(certificate, own))];
    }

    private X509Certificate2Collection LoadPem(string path)
    {
        var own = Password is { } password
            ? X509Certificate2.CreateFromEncryptedPemFile(path, password, KeyPath)
            : X509Certificate2.CreateFromPemFile(path, KeyPath);
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(path);
        return [own, .. all.Skip(1)];
    }
}
