using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace MessageBus.Bench.Peers;

/// <summary>Where a peer listens and finds Redis.</summary>
internal sealed record PeerOptions(int Port, int RedisPort, string? Certificate, string? Key)
{
    public static PeerOptions Parse(string[] arguments) => new(
        int.Parse(arguments[0], CultureInfo.InvariantCulture), int.Parse(arguments[1], CultureInfo.InvariantCulture),
        arguments.ElementAtOrDefault(2), arguments.ElementAtOrDefault(3));

    /// <summary>An ASP.NET application that listens there, logs warnings only, and says when it is ready.</summary>
    public WebApplication Build(Action<IServiceCollection> services)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Port, listener =>
        {
            if (Certificate is null || Key is null)
                return;
            using var pem = X509Certificate2.CreateFromPemFile(Certificate, Key);
            listener.UseHttps(X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null));
        }));
        services(builder.Services);
        var app = builder.Build();
        app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine("ready"));
        return app;
    }
}
