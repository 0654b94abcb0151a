using System.Globalization;
using MessageBus.Access;
using MessageBus.Limits;
using MessageBus.Protocol;
using Microsoft.AspNetCore.Http;

namespace MessageBus.Http;

/// <summary>The errors of the HTTP side, as problem details (RFC 9457). <c>code</c> is the error code of the wire protocol where there is one.</summary>
internal static class Problems
{
    public static IResult BadChannel(string problem) => Of(StatusCodes.Status400BadRequest, "Bad channel", problem, ErrorCode.BadChannel);

    public static IResult BrokenBody(int status) => Of(status, "Broken request", "The body of the request breaks HTTP, or did not come whole.");

    public static IResult TooLarge(int maxBytes) =>
        Of(StatusCodes.Status413PayloadTooLarge, "Payload too large", $"A payload is at most {maxBytes} bytes.", ErrorCode.TooLarge);

    public static IResult Unavailable() =>
        Of(StatusCodes.Status503ServiceUnavailable, "No broker", "The gateway cannot reach its broker. Try again.", ErrorCode.Unavailable);

    public static IResult ShuttingDown() =>
        Of(StatusCodes.Status503ServiceUnavailable, "Shutting down", "The gateway is shutting down. Try again.", ErrorCode.Unavailable);

    /// <summary>503 where the gateway is full, 429 where this client, its address or its user has too much. Which limit it was is for the log.</summary>
    public static IResult LimitReached(HttpResponse response, LimitReached reached)
    {
        // Retry-After is in whole seconds (RFC 9110 section 10.2.3).
        response.Headers.RetryAfter = Math.Ceiling(reached.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return reached.IsGatewayFull
            ? Of(StatusCodes.Status503ServiceUnavailable, "Full", "The gateway serves as many connections as it can. Try again later.", ErrorCode.Unavailable)
            : Of(StatusCodes.Status429TooManyRequests, "Too many connections", "Too many connections at once or in a short time. Try again later.", ErrorCode.RateLimited);
    }

    public static IResult Unauthenticated() =>
        Of(StatusCodes.Status401Unauthorized, "Unauthorized", "This gateway serves authenticated users only.", ErrorCode.Unauthorized);

    public static IResult BadToken() =>
        Of(StatusCodes.Status401Unauthorized, "Unauthorized", "The token is not accepted. Get a new one.", ErrorCode.Unauthorized);

    public static IResult KeyMissing(ApiKeyScope scope) => Of(
        StatusCodes.Status401Unauthorized, "Unauthorized", $"This needs an API key with the scope '{Name(scope)}', in the header X-Api-Key.", ErrorCode.Unauthorized);

    public static IResult BadKey() => Of(StatusCodes.Status401Unauthorized, "Unauthorized", "The API key is not accepted.", ErrorCode.Unauthorized);

    public static IResult KeyWithoutScope(ApiKeyScope scope) =>
        Of(StatusCodes.Status403Forbidden, "Forbidden", $"This needs an API key with the scope '{Name(scope)}'.", ErrorCode.Forbidden);

    public static IResult TooMany(int perSecond) =>
        Of(StatusCodes.Status429TooManyRequests, "Too many publications", $"At most {perSecond} a second. Try again later.", ErrorCode.RateLimited);

    public static IResult TooManyTaps(int most) =>
        Of(StatusCodes.Status429TooManyRequests, "Too many taps", $"At most {most} at once on this gateway (MaxTaps). Close one first.", ErrorCode.RateLimited);

    public static IResult BadQuery(string problem) => Of(StatusCodes.Status400BadRequest, "Bad query", problem);

    public static IResult Forbidden() => Of(StatusCodes.Status403Forbidden, "Forbidden", "Not allowed.", ErrorCode.Forbidden);

    public static IResult ForeignOrigin() => Of(
        StatusCodes.Status403Forbidden,
        "Foreign origin",
        "Pages of this origin may not connect. The gateway's AllowedOrigins names those that may, beside its own; a client that is no browser sends a token.",
        ErrorCode.Forbidden);

    public static IResult Internal() => Of(StatusCodes.Status500InternalServerError, "Internal error", "A fault of the gateway.", ErrorCode.Internal);

    public static IResult UpgradeRequired() =>
        Of(StatusCodes.Status426UpgradeRequired, "WebSocket expected", "This address speaks WebSocket: connect with a WebSocket client.");

    public static IResult BadSubprotocol() =>
        Of(StatusCodes.Status400BadRequest, "Bad subprotocol", "None of the offered subprotocols is supported, or there are too many. Offer 'messagebus.v1.json', or none.");

    /// <summary>A scope as it stands in the configuration.</summary>
    public static string Name(ApiKeyScope scope) => scope.ToString().ToLowerInvariant();

    private static IResult Of(int status, string title, string detail, ErrorCode? code = null) =>
        Results.Problem(
            statusCode: status,
            title: title,
            detail: detail,
            extensions: code is { } known ? [new KeyValuePair<string, object?>("code", known.WireName())] : null);
}
