using MessageBus.Redis;
using Microsoft.AspNetCore.Builder;
using StackExchange.Redis;

namespace MessageBus.IntegrationTests.Readme;

/// <summary>The shortest app with the bus in it, and the shortest backend, as README.md has them between the same lines of code, compiled and run.</summary>
internal static class OwnApp
{
    public static WebApplication Build(string[] args)
    {
        // README: own app
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddMessageBus().AddRedis();     // ConnectionStrings:Redis; without AddRedis(): inside this process only

        var app = builder.Build();
        app.UseWebSockets();
        app.MapMessageBus("/bus");
        app.MapMessageBusApi("/api");
        // README: end
        return app;
    }

    public static async Task PublishAsync(string address)
    {
        // README: backend
        var redis = await ConnectionMultiplexer.ConnectAsync(address);     // StackExchange.Redis
        await redis.GetSubscriber().PublishAsync("orders/42", "paid");
        // README: end
        redis.Dispose();
    }
}
