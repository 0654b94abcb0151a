using MessageBus.Gateway.Configuration;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace MessageBus.Gateway.Pages;

/// <summary>Logs the addresses, and in Development what to try first.</summary>
internal static partial class Announcement
{
    public static void AnnounceAddresses(this WebApplication app) =>
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            app.CorrectAddresses();
            var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
            LogListening(app.Logger, string.Join(", ", addresses));
            if (app.Environment.IsDevelopment())
            {
                LogTry(app.Logger, addresses.FirstOrDefault() ?? "", app.RedisCli());
            }
        });

    [LoggerMessage(Level = LogLevel.Information, Message = "MessageBus listens on {Addresses}")]
    private static partial void LogListening(ILogger logger, string addresses);

    [LoggerMessage(Level = LogLevel.Information, Message = "Open {Page}/ and then run: {RedisCli} PUBLISH demo/hello \"Hello from Redis\"")]
    private static partial void LogTry(ILogger logger, string page, string redisCli);
}
