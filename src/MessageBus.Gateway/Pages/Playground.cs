using MessageBus.EmbeddedRedis;
using MessageBus.Gateway.Configuration;
using Microsoft.Extensions.Options;

namespace MessageBus.Gateway.Pages;

/// <summary>The playground at <c>/</c>, in Development or if configured: a page to try the bus by hand.</summary>
internal static class Playground
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void UsePlayground(this WebApplication app, GatewayOptions options)
    {
        if (!(options.ConsolePage ?? app.Environment.IsDevelopment()))
        {
            return;
        }

        var files = PageFiles.Of("playground");
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
        var bus = app.Services.GetRequiredService<IOptions<MessageBusOptions>>();
        app.MapGet("/playground.json", () => new PlaygroundSettings(
            // Outside Development the page does not reveal the address of Redis, unless the operator configures one.
            options.ConsoleRedisCli ?? (app.Environment.IsDevelopment() ? app.RedisCli() : ""),
            app.HasRedis() ? "redis" : "embedded",
            Version,
            NeedsToken: bus.Value.AllowAnonymous is not true)).ExcludeFromDescription();
    }

    /// <summary>The redis-cli command for the gateway's broker.</summary>
    public static string RedisCli(this WebApplication app)
    {
        if (!app.HasRedis())
        {
            return $"redis-cli -p {app.Services.GetRequiredService<EmbeddedRedisServer>().Port}";
        }

        // Only the address: a password in the connection string must not appear.
        var address = app.Configuration.GetConnectionString("Redis")!.Split(',')[0].Split(':');
        return address.Length is 2 ? $"redis-cli -h {address[0]} -p {address[1]}" : $"redis-cli -h {address[0]}";
    }

    public static bool HasRedis(this WebApplication app) => !string.IsNullOrWhiteSpace(app.Configuration.GetConnectionString("Redis"));

    private static string Version { get; } = typeof(Playground).Assembly.GetName().Version!.ToString(3);
}

/// <summary>The settings of the playground.</summary>
internal sealed record PlaygroundSettings(string RedisCli, string Broker, string Version, bool NeedsToken);
