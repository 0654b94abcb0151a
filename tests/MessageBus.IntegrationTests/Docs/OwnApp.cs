using MessageBus.Publishing;
using MessageBus.Redis;
using Microsoft.AspNetCore.Builder;
using StackExchange.Redis;

namespace MessageBus.IntegrationTests.Docs;

/// <summary>The shortest app with the bus and the shortest backend of README.md, compiled and run.</summary>
internal static class OwnApp
{
    public static WebApplication Build(string[] args)
    {
        // docs: own app
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddMessageBus().AddRedis();     // ConnectionStrings:Redis; without AddRedis(): inside this process only

        var app = builder.Build();
        app.UseWebSockets();
        app.MapMessageBus("/bus");
        app.MapMessageBusApi("/api");
        app.MapPost("/orders/{id}/pay", (string id, IMessageBus bus) => bus.PublishAsync($"orders/{id}", "paid"));
        // docs: end
        return app;
    }

    public static async Task PublishAsync(string address)
    {
        // docs: backend
        var redis = await ConnectionMultiplexer.ConnectAsync(address);     // StackExchange.Redis
        await redis.GetSubscriber().PublishAsync(RedisChannel.Literal("orders/42"), "paid");
        // docs: end
        redis.Dispose();
    }
}
