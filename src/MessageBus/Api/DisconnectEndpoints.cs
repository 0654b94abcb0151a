using MessageBus.Brokers;
using MessageBus.Cluster;
using MessageBus.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MessageBus.Api;

/// <summary>What came of a request to disconnect.</summary>
/// <param name="Closed">Connections of the answering gateway that were closed. What other gateways close is not counted: they are told, and do not answer.</param>
public sealed record Disconnected(int Closed);

/// <summary><c>DELETE connections/ID</c> and <c>DELETE users/USER/connections</c>.</summary>
internal sealed class DisconnectEndpoints(Disconnections disconnections)
{
    /// <summary>200 where the connection was here. Otherwise 202: if there is such a connection, another gateway has it, and was told.</summary>
    public async Task<IResult> ConnectionAsync(string id, HttpContext context)
    {
        var disconnect = Disconnect.OfConnection(id);
        return disconnections.CloseHere(disconnect) is > 0 and var closed
            ? Results.Ok(new Disconnected(closed))
            : await TellAllAsync(disconnect, closed: 0, context);
    }

    /// <summary>202: those of this gateway are closed, and the others were told.</summary>
    public Task<IResult> UserAsync(string user, HttpContext context)
    {
        var disconnect = Disconnect.OfUser(NameIn(user, context));
        return TellAllAsync(disconnect, disconnections.CloseHere(disconnect), context);
    }

    /// <summary>
    /// Servers decode a path but for <c>%2F</c>, which would become a slash between segments. A name with a slash is read from the address as it came, where
    /// <c>%2F</c> and <c>%252F</c> are still two things.
    /// </summary>
    private static string NameIn(string user, HttpContext context)
    {
        var path = (context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "").Split('?')[0].TrimEnd('/').Split('/');
        var name = path.Length > 1 ? Uri.UnescapeDataString(path[^2]) : user;
        return name.Replace("/", "%2F", StringComparison.Ordinal).Equals(user, StringComparison.OrdinalIgnoreCase) ? name : user;
    }

    private async Task<IResult> TellAllAsync(Disconnect disconnect, int closed, HttpContext context)
    {
        if (await disconnections.TellAllAsync(disconnect, context.RequestAborted) is BrokerResult.Accepted)
        {
            return Results.Json(new Disconnected(closed), statusCode: StatusCodes.Status202Accepted);
        }

        // Those that are here were closed all the same. Asked again, nothing is done twice.
        context.Response.Headers.RetryAfter = "1";
        return Problems.Unavailable();
    }
}
