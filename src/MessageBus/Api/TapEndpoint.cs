using MessageBus.Http;
using MessageBus.Limits;
using MessageBus.Protocol;
using MessageBus.Taps;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;

namespace MessageBus.Api;

/// <summary><c>GET tap?channel=NAME</c>: what comes on the channel, as it comes, until the caller or the gateway ends it.</summary>
internal sealed class TapEndpoint(OpenTaps taps, IHostApplicationLifetime lifetime, LimitOptions limits)
{
    public async Task<IResult> TapAsync(string? channel, HttpContext context)
    {
        if (context.Request.Query["channel"].Count > 1)
        {
            return Problems.BadChannel("Name one channel, once.");
        }

        if (!ChannelName.TryParse(channel, out var name, out var problem))
        {
            return Problems.BadChannel(problem);
        }

        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return Problems.ShuttingDown();
        }

        var (tap, refusal) = await taps.OpenAsync(name);
        if (tap is null)
        {
            context.Response.Headers.RetryAfter = "1";
            return refusal is TapRefusal.TooMany ? Problems.TooManyTaps(limits.MaxTaps) : Problems.Unavailable();
        }

        using (tap)
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
            await WriteAsync(tap, context, ending.Token);
        }

        return Results.Empty;
    }

    private static async Task WriteAsync(Tap tap, HttpContext context, CancellationToken cancellationToken)
    {
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache,no-store";
        response.Headers.ContentEncoding = "identity";

        // nginx would otherwise keep back what it gets until its buffer is full.
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
        await foreach (var message in tap.ReadAllAsync(cancellationToken))
        {
            await response.BodyWriter.WriteAsync(message.Bytes, CancellationToken.None);
        }
    }
}
