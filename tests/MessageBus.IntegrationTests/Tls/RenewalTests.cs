using System.Net.Security;
using System.Net.Sockets;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Tls;

/// <summary>The operator's certificate changes while browsers are connected (row G10 of the faults that must be survived).</summary>
public sealed class RenewalTests : IDisposable
{
    private readonly TestCertificate _certificate = new();

    [Fact]
    public async Task A_new_certificate_is_for_new_connections_and_drops_none()
    {
        await using var gateway = GatewayApp.Start(_certificate.Settings);
        await using var client = await BusClient.ConnectAsync(gateway.SecureBus, "a");
        var before = await ServedByAsync(gateway);

        var renewed = _certificate.Replace();
        await Eventually.TrueAsync(async () => await ServedByAsync(gateway) == renewed, "the new certificate is served");
        await client.SendAsync(new { type = "publish", channel = "a", payload = "still here" });

        Assert.NotEqual(before, renewed);
        Assert.Equal("still here", await client.ExpectTextAsync("a"));
        await using var later = await BusClient.ConnectAsync(gateway.SecureBus, "a");
    }

    [Theory]
    [InlineData("")]
    [InlineData("this is no certificate")]
    public async Task Files_that_cannot_be_used_change_nothing_until_they_are_mended(string content)
    {
        await using var gateway = GatewayApp.Start(_certificate.Settings);
        var before = await ServedByAsync(gateway);
        var good = File.ReadAllText(_certificate.Path);

        File.WriteAllText(_certificate.Path, content);
        await Task.WhenAll(ExpectServedAsync(), Task.Delay(TimeSpan.FromSeconds(1.2)));
        await ExpectServedAsync();
        File.Delete(_certificate.Path);
        await ExpectServedAsync();
        File.WriteAllText(_certificate.Path, good);
        var renewed = _certificate.Replace();

        await Eventually.TrueAsync(async () => await ServedByAsync(gateway) == renewed, "the new certificate is served");

        async Task ExpectServedAsync() => Assert.Equal(before, await ServedByAsync(gateway));
    }

    public void Dispose() => _certificate.Dispose();

    /// <summary>The thumbprint of the certificate that a new connection is shown.</summary>
    private static async Task<string> ServedByAsync(GatewayApp gateway)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(gateway.Https.Host, gateway.Https.Port);
        await using var tls = new SslStream(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "gateway.test", RemoteCertificateValidationCallback = (_, _, _, _) => true });
        return tls.RemoteCertificate!.GetCertHashString();
    }
}
