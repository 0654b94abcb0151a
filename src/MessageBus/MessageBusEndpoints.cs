using MessageBus.Api;
using MessageBus.Connections;
using MessageBus.Limits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MessageBus;

/// <summary>Places MessageBus in the routes of an app.</summary>
public static class MessageBusEndpoints
{
    // WebSocket over HTTP/1.1 is a GET, over HTTP/2 an extended CONNECT (RFC 8441 section 4).
    private static readonly string[] WebSocketMethods = [HttpMethods.Get, HttpMethods.Connect];

    /// <summary>The WebSocket endpoint, for example at <c>/bus</c>. The returned builder takes conventions such as <c>RequireAuthorization()</c>.</summary>
    public static IEndpointConventionBuilder MapMessageBus(this IEndpointRouteBuilder endpoints, string pattern)
    {
        var endpoint = endpoints.ServiceProvider.GetRequiredService<BusEndpoint>();
        var counters = endpoints.ServiceProvider.GetRequiredService<ConnectionCounters>();

        // Its own WebSocket middleware, so that it runs behind our upgrade features whatever the app has in its pipeline.
        var pipeline = endpoints.CreateApplicationBuilder();
        pipeline.Use(next => context =>
        {
            UpgradeFeatures.Install(context);
            return next(context);
        });
        pipeline.UseWebSockets();
        pipeline.Run(endpoint.ServeAsync);

        var serve = pipeline.Build();
        var origins = endpoints.ServiceProvider.GetRequiredService<OriginCheck>();
        var limits = endpoints.ServiceProvider.GetRequiredService<ConnectionLimits>();
        return endpoints.MapMethods(pattern, WebSocketMethods, ServeAndCountAsync).ExcludeFromDescription();

        async Task ServeAndCountAsync(HttpContext context)
        {
            await ServeAsync(context);
            counters.Answer(context.Response.StatusCode);
        }

        Task ServeAsync(HttpContext context)
        {
            if (limits.CountHandshake(context.Connection.RemoteIpAddress) is { } reached)
            {
                return Problems.LimitReached(context.Response, reached).ExecuteAsync(context);
            }

            return origins.Admits(context) ? serve(context) : Problems.ForeignOrigin().ExecuteAsync(context);
        }
    }

    /// <summary>The REST endpoints, for example under <c>/api</c>: <c>POST publish</c>, <c>GET channels</c>, <c>GET connections</c>.</summary>
    public static RouteGroupBuilder MapMessageBusApi(this IEndpointRouteBuilder endpoints, string prefix)
    {
        var services = endpoints.ServiceProvider;
        var publish = services.GetRequiredService<PublishEndpoint>();
        var listings = services.GetRequiredService<Listings>();
        var options = services.GetRequiredService<IOptions<MessageBusOptions>>().Value;

        var api = endpoints.MapGroup(prefix).WithTags("MessageBus");
        api.AddEndpointFilter((context, next) => IsServed(context.HttpContext, options) ? next(context) : new(Problems.Unauthenticated()));
        var origins = services.GetRequiredService<OriginCheck>();
        api.AddEndpointFilter((context, next) => origins.AdmitsPage(context.HttpContext.Request) ? next(context) : new(Problems.ForeignOrigin()));
        api.ProducesProblem(StatusCodes.Status401Unauthorized);

        api.MapPost("/publish", publish.PublishAsync)
            .WithName("publish")
            .WithSummary("Publish to a channel")
            .WithDescription("The body is the payload, byte for byte. 204 once the broker has it. Same as PUBLISH on Redis.")
            .Accepts<byte[]>(isOptional: true, "*/*")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        api.MapGet("/channels", (string? prefix) => listings.Channels(prefix))
            .WithName("channels")
            .WithSummary("Channels with subscriptions on this gateway")
            .WithDescription("With 'prefix': only channels whose name starts with it.");

        api.MapGet("/connections", () => listings.Connections())
            .WithName("connections")
            .WithSummary("Connections of this gateway");

        return api;
    }

    private static bool IsServed(HttpContext context, MessageBusOptions options) =>
        options.AllowAnonymous is true || context.User.Identity is { IsAuthenticated: true };
}
