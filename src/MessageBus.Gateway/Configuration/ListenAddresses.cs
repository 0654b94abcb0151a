using System.Net;

namespace MessageBus.Gateway.Configuration;

/// <summary>The addresses to listen on, as the configuration says them: <c>urls</c>, or another of ASP.NET's settings, or the defaults of the environment.</summary>
internal static class ListenAddresses
{
    private const string Endpoints = "Kestrel:Endpoints";

    /// <summary>ASP.NET's own keys for them.</summary>
    public static readonly string[] Keys = ["urls", "http_ports", "https_ports"];

    /// <summary>Whether the operator chose them; else the defaults count.</summary>
    public static bool AreChosen(IConfiguration configuration) =>
        Keys.Any(key => !string.IsNullOrEmpty(configuration[key])) || configuration.GetSection(Endpoints).Exists();

    public static string Defaults(IHostEnvironment environment) =>
        environment.IsDevelopment() ? "http://localhost:8080;https://localhost:8443" : "https://*:443;http://*:80";

    /// <summary>Those of <see cref="Keys"/>.</summary>
    /// <exception cref="ConfigurationProblem">One of them is no address.</exception>
    public static List<BindingAddress> Read(IConfiguration configuration)
    {
        // ASP.NET's own rule: ports count only where there are no urls.
        var urls = Split(configuration["urls"]);
        return urls.Length > 0
            ? [.. urls.Select(Parse)]
            : [
                .. Split(configuration["http_ports"]).Select(port => Parse($"http://*:{port}")),
                .. Split(configuration["https_ports"]).Select(port => Parse($"https://*:{port}")),
            ];
    }

    /// <summary>All that a gateway of this configuration listens on.</summary>
    /// <exception cref="ConfigurationProblem">One of them is no address.</exception>
    public static List<BindingAddress> Effective(IConfiguration configuration, IHostEnvironment environment) =>
        AreChosen(configuration)
            ? [.. Read(configuration), .. configuration.GetSection(Endpoints).GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>().Select(Parse)]
            : [.. Split(Defaults(environment)).Select(Parse)];

    private static BindingAddress Parse(string url)
    {
        try
        {
            if (BindingAddress.Parse(url) is { Scheme: "http" or "https", Port: <= IPEndPoint.MaxPort } address)
            {
                return address;
            }
        }
        catch (FormatException)
        {
            // Said below.
        }

        throw new ConfigurationProblem($"'urls' has '{url}', which is no address to listen on. Right is, for example, http://localhost:8080 or https://*:443.");
    }

    private static string[] Split(string? list) => (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
