using MessageBus.Access;
using MessageBus.Api;
using MessageBus.Http;
using MessageBus.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MessageBus;

/// <summary>Places MessageBus in the routes of an app.</summary>
public static class MessageBusEndpoints
{
    /// <summary>The WebSocket endpoint, for example at <c>/bus</c>. The returned builder takes conventions such as <c>RequireAuthorization()</c>.</summary>
    public static IEndpointConventionBuilder MapMessageBus(this IEndpointRouteBuilder endpoints, string pattern)
    {
        var endpoint = endpoints.ServiceProvider.GetRequiredService<WebSocketEndpoint>();
        return endpoints.MapMethods(pattern, WebSocketEndpoint.Methods, endpoint.ServeAsync).ExcludeFromDescription();
    }

    /// <summary>
    /// The REST endpoints, for example under <c>/api</c>: <c>POST publish</c>, <c>GET gateways</c>, <c>GET channels</c>, <c>GET connections</c>,
    /// <c>GET tap</c>, <c>GET key</c>, <c>DELETE connections/ID</c>, <c>DELETE users/USER/connections</c>. They need an API key (<see cref="AccessOptions.ApiKeys"/>); users publish without one, under the rules.
    /// </summary>
    public static RouteGroupBuilder MapMessageBusApi(this IEndpointRouteBuilder endpoints, string prefix)
    {
        var services = endpoints.ServiceProvider;
        var publish = services.GetRequiredService<PublishEndpoint>();
        var listings = services.GetRequiredService<Listings>();
        var disconnect = services.GetRequiredService<DisconnectEndpoints>();

        var api = endpoints.MapGroup(prefix).WithTags("MessageBus");
        var origins = services.GetRequiredService<OriginCheck>();
        api.AddEndpointFilter((context, next) => origins.AdmitsPage(context.HttpContext.Request) ? next(context) : new(Problems.ForeignOrigin()));
        api.ProducesProblem(StatusCodes.Status401Unauthorized);
        api.ProducesProblem(StatusCodes.Status403Forbidden);

        api.MapPost("/publish", publish.PublishAsync)
            .WithName("publish")
            .WithSummary("Publish to a channel")
            .WithDescription(
                "The body is the payload, byte for byte. 204 once the broker has it. Same as PUBLISH on Redis. With an API key of the scope 'publish' (header X-Api-Key): "
                + "every channel. With the token of a user (Authorization: Bearer): where the rules let that user publish.")
            .Accepts<byte[]>(isOptional: true, "*/*")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        api.MapGet("/gateways", services.GetRequiredService<GatewayListings>().Gateways)
            .RequireApiKey(ApiKeyScope.Read)
            .WithName("gateways")
            .WithSummary("This gateway and the others on the same broker")
            .WithDescription(
                "This one first. The others tell of themselves every few seconds; one that was not heard for three of its intervals is 'missing', and forgotten after 15 minutes. "
                + "Needs an API key of the scope 'read' (header X-Api-Key).");

        api.MapGet("/channels", listings.Channels)
            .RequireApiKey(ApiKeyScope.Read)
            .WithName("channels")
            .WithSummary("Channels with subscriptions on this gateway")
            .WithDescription(
                "'prefix': only channels whose name starts with it. 'order': 'name', 'rate' or 'subscribers' (the most first). 'limit': 1 to 10000, default 1000. "
                + "The header X-Total-Count says how many there are. Needs an API key of the scope 'read' (header X-Api-Key).")
            .Produces<ChannelListing[]>()
            .ProducesProblem(StatusCodes.Status400BadRequest);

        api.MapGet("/connections", listings.Connections)
            .RequireApiKey(ApiKeyScope.Read)
            .WithName("connections")
            .WithSummary("Connections of this gateway")
            .WithDescription(
                "'user', 'channel': only those of this user, with a subscription to this channel. 'address': only those whose address starts with it. "
                + "'order': 'oldest', 'newest' or 'queue' (the most bytes that wait first). 'limit': 1 to 10000, default 1000. "
                + "The header X-Total-Count says how many there are. Needs an API key of the scope 'read' (header X-Api-Key).")
            .Produces<ConnectionListing[]>()
            .ProducesProblem(StatusCodes.Status400BadRequest);

        api.MapGet("/tap", services.GetRequiredService<TapEndpoint>().TapAsync)
            .RequireApiKey(ApiKeyScope.Admin)
            .WithName("tap")
            .WithSummary("Look at what comes on a channel, as it comes")
            .WithDescription(
                "Server-sent events, each with JSON: 'subscribed', then 'message' with 'at', 'bytes' and the payload as 'payload' (text) or 'base64', 'cut' where that is only its beginning; "
                + "'dropped' with the 'count' of those that came too fast to be shown; 'gap', 'status' and 'ping' as on the WebSocket. Ends when the gateway stops. "
                + "Needs an API key of the scope 'admin' (header X-Api-Key).")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        api.MapGet("/key", services.GetRequiredService<ApiAccess>().Describe)
            .WithName("key")
            .WithSummary("What the caller's API key is good for")
            .WithDescription("Its name and its scopes. Without a key there are none, unless the API is open. 401: the key is wrong.")
            .Produces<KeyListing>();

        api.MapDelete("/connections/{id}", disconnect.ConnectionAsync)
            .RequireApiKey(ApiKeyScope.Admin)
            .WithName("disconnect")
            .WithSummary("Disconnect a connection, on whichever gateway it is")
            .WithDescription(
                "It is closed with 4403. 200: it was on this gateway. 202: it was not, and all other gateways were told. Needs an API key of the scope 'admin' (header X-Api-Key).")
            .Produces<Disconnected>()
            .Produces<Disconnected>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        api.MapDelete("/users/{user}/connections", disconnect.UserAsync)
            .RequireApiKey(ApiKeyScope.Admin)
            .WithName("disconnectUser")
            .WithSummary("Disconnect all connections of a user, on every gateway")
            .WithDescription(
                "They are closed with 4403. 'closed' counts those of this gateway; all other gateways were told, and do not answer. "
                + "Needs an API key of the scope 'admin' (header X-Api-Key).")
            .Produces<Disconnected>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        return api;
    }

    /// <summary>
    /// Serves the endpoint only to those with an API key of this scope (<see cref="AccessOptions.ApiKeys"/>), in the header <c>X-Api-Key</c> or as
    /// <c>Authorization: Bearer</c>: 401 without one or with a wrong one, 403 with one of another scope. Without any keys it is open in the Development
    /// environment. For endpoints of the host's own too.
    /// </summary>
    public static TBuilder RequireApiKey<TBuilder>(this TBuilder builder, ApiKeyScope scope)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint =>
        {
            var access = endpoint.ApplicationServices.GetRequiredService<ApiAccess>();
            var serve = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context => access.Refusal(context, scope) is { } refusal ? refusal.ExecuteAsync(context) : serve(context);
        });
        return builder;
    }
}
