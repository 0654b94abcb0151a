using System.CommandLine;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MessageBus.Gateway.Configuration;

namespace MessageBus.Gateway.CommandLine;

/// <summary>
/// <c>health</c>: asks the gateway of this configuration, on this machine, whether it is ready. Exit code 0 where it is, else 1 with the reason: for the health
/// check of a container, whose image needs no other program for it.
/// <para>
/// Over HTTPS, any certificate is accepted on loopback addresses, where only this machine can answer. On any other address the gateway must present the
/// configured certificate.
/// </para>
/// </summary>
internal sealed class HealthCommand
{
    private const string Ready = "/health/ready";

    private readonly Option<double> _timeout = new("--timeout") { Description = "Seconds to wait for the answer", DefaultValueFactory = _ => 4 };

    public Command Build()
    {
        var command = new Command("health", $"Ask the gateway that runs here whether it is ready ({Ready})") { _timeout };
        command.SetConfiguredAction(AskAsync);
        return command;
    }

    private async Task<int> AskAsync(ParseResult parsed, WebApplicationBuilder builder)
    {
        var address = AddressToAsk(ListenAddresses.Effective(builder.Configuration, builder.Environment));
        using var http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, errors) => errors is SslPolicyErrors.None || address.IsLoopback || IsConfigured(builder, shown) },
        })
        {
            Timeout = TimeSpan.FromSeconds(Math.Clamp(parsed.GetValue(_timeout), 0.1, 600)),
        };

        try
        {
            using var response = await http.GetAsync(new Uri(address, Ready));
            var says = (await response.Content.ReadAsStringAsync()).Split('\n')[0];
            if (response.IsSuccessStatusCode)
            {
                await Console.Out.WriteLineAsync($"{address}: {says}");
                return 0;
            }

            return await OperatorCommands.FailAsync($"{address}: {(int)response.StatusCode} {says}");
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return await OperatorCommands.FailAsync($"{address} does not answer: {e.GetBaseException().Message}");
        }
    }

    /// <summary>One of https where there is one: port 80 may only redirect.</summary>
    private static Uri AddressToAsk(List<BindingAddress> addresses)
    {
        var address = addresses.Where(address => !address.IsUnixPipe && address.Port is not 0).OrderByDescending(address => address.Scheme).FirstOrDefault()
            ?? throw new ConfigurationProblem("There is no address to ask: 'urls' names none with a host and a fixed port.");
        var host = IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) switch
        {
            true when ip!.Equals(IPAddress.Any) => IPAddress.Loopback.ToString(),
            true when ip!.Equals(IPAddress.IPv6Any) => IPAddress.IPv6Loopback.ToString(),
            true => ip!.ToString(),

            // localhost; and *, + and any other name mean every address of the machine.
            false => IPAddress.Loopback.ToString(),
        };
        return new UriBuilder(address.Scheme, host, address.Port).Uri;
    }

    private static bool IsConfigured(WebApplicationBuilder builder, X509Certificate? shown)
    {
        var options = builder.Configuration.GetSection($"{GatewayOptions.Section}:{nameof(GatewayOptions.Certificate)}").ReadValid<CertificateOptions>();
        return !string.IsNullOrEmpty(options.Path) && shown?.GetCertHashString() == new Tls.ServerCertificate(options, selfMade: false).Certificates()[0].Thumbprint;
    }
}
