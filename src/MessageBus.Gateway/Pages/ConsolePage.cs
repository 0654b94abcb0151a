using MessageBus.EmbeddedRedis;
using Microsoft.Extensions.FileProviders;

namespace MessageBus.Gateway.Pages;

/// <summary>The page at <c>/</c> in Development: try the bus by hand.</summary>
internal static class ConsolePage
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void UseConsolePage(this WebApplication app)
    {
        if (!app.Environment.IsDevelopment())
        {
            return;
        }

        var files = new EmbeddedFileProvider(typeof(ConsolePage).Assembly, "console");
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = files,
            OnPrepareResponse = response =>
            {
                ClientFiles.Revalidate(response);
                response.Context.Response.Headers.ContentSecurityPolicy = Policy;
            },
        });
        app.MapGet("/console.json", () => new ConsoleSettings(app.RedisCli(), app.HasRedis() ? "redis" : "embedded", Version)).ExcludeFromDescription();
    }

    /// <summary>How to reach with redis-cli what the gateway is connected to.</summary>
    public static string RedisCli(this WebApplication app)
    {
        if (!app.HasRedis())
        {
            return $"redis-cli -p {app.Services.GetRequiredService<EmbeddedRedisServer>().Port}";
        }

        // Only the address: a password in the connection string stays there.
        var address = app.Configuration.GetConnectionString("Redis")!.Split(',')[0].Split(':');
        return address.Length is 2 ? $"redis-cli -h {address[0]} -p {address[1]}" : $"redis-cli -h {address[0]}";
    }

    public static bool HasRedis(this WebApplication app) => !string.IsNullOrWhiteSpace(app.Configuration.GetConnectionString("Redis"));

    private static string Version { get; } = typeof(ConsolePage).Assembly.GetName().Version!.ToString(3);
}

/// <summary>What the console page asks for.</summary>
internal sealed record ConsoleSettings(string RedisCli, string Broker, string Version);
