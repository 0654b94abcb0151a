using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Start;

/// <summary>wss:// in Production with the operator's own certificate.</summary>
public sealed class CertificateTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("messagebus-");

    [Theory]
    [InlineData("PEM, key beside it")]
    [InlineData("PEM, key inside")]
    [InlineData("PEM, key encrypted")]
    [InlineData("PFX")]
    [InlineData("PFX, password")]
    public async Task A_certificate_file_serves_wss(string form)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=gateway.test", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using var gateway = await GatewayProcess.StartAsync(
            ["--urls=https://127.0.0.1:0", "MessageBus__AllowEmbedded=true", "MessageBus__AllowAnonymous=true", $"MessageBus__EmbeddedPort={FreePort.Next()}", .. Write(form, certificate, key)]);
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, served, _, _) => served!.GetCertHashString() == certificate.Thumbprint } });

        var live = await http.GetAsync(new Uri(gateway.Addresses[0], "/health/live"));
        await using var client = await BusClient.ConnectAsync(new UriBuilder(gateway.Addresses[0]) { Scheme = "wss", Path = "/bus" }.Uri, "a");

        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        await client.SendAsync(new { type = "publish", channel = "a", payload = "over TLS" });
        Assert.Equal("over TLS", await client.ExpectTextAsync("a"));
    }

    [Fact]
    public async Task A_wrong_password_of_a_certificate_is_told_without_the_password()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=gateway.test", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

        var errors = await GatewayProcess.FailToStartAsync(
            ["--urls=https://127.0.0.1:0", "MessageBus__AllowEmbedded=true", .. Write("PFX, password", certificate, key), "MessageBus__Certificate__Password=not-this-one"]);

        Assert.Contains("'MessageBus:Certificate:Path'", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("not-this-one", errors, StringComparison.Ordinal);
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Writes the files and returns the settings that name them.</summary>
    private string[] Write(string form, X509Certificate2 certificate, ECDsa key)
    {
        const string Password = "of-the-test";
        var pem = File("server.pem");
        var pfx = File("server.pfx");
        switch (form)
        {
            case "PEM, key beside it":
                System.IO.File.WriteAllText(pem, certificate.ExportCertificatePem());
                System.IO.File.WriteAllText(File("server.key"), key.ExportPkcs8PrivateKeyPem());
                return [$"MessageBus__Certificate__Path={pem}", $"MessageBus__Certificate__KeyPath={File("server.key")}"];

            case "PEM, key inside":
                System.IO.File.WriteAllText(pem, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
                return [$"MessageBus__Certificate__Path={pem}"];

            case "PEM, key encrypted":
                System.IO.File.WriteAllText(pem, certificate.ExportCertificatePem());
                System.IO.File.WriteAllText(File("server.key"), key.ExportEncryptedPkcs8PrivateKeyPem(Password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
                return [$"MessageBus__Certificate__Path={pem}", $"MessageBus__Certificate__KeyPath={File("server.key")}", $"MessageBus__Certificate__Password={Password}"];

            case "PFX":
                System.IO.File.WriteAllBytes(pfx, certificate.Export(X509ContentType.Pfx));
                return [$"MessageBus__Certificate__Path={pfx}"];

            default:
                System.IO.File.WriteAllBytes(pfx, certificate.Export(X509ContentType.Pfx, Password));
                return [$"MessageBus__Certificate__Path={pfx}", $"MessageBus__Certificate__Password={Password}"];
        }
    }

    private string File(string name) => Path.Combine(_folder.FullName, name);
}
