using MessageBus.Protocol;
using MessageBus.Taps;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MessageBus.Api;

/// <summary><c>GET tap?channel=NAME</c>: what comes on the channel, as it comes, until the caller or the gateway ends it.</summary>
internal sealed class TapEndpoint(OpenTaps taps, IHostApplicationLifetime lifetime, IOptions<MessageBusOptions> options)
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
            return refusal is TapRefusal.TooMany ? Problems.TooManyTaps(options.Value.MaxTaps) : Problems.Unavailable();
        }

        using (tap)
        {
            // nginx would otherwise keep back what it gets until its buffer is full.
            context.Response.Headers["X-Accel-Buffering"] = "no";
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
            await TypedResults.ServerSentEvents(tap.ReadAllAsync(ending.Token)).ExecuteAsync(context);
        }

        return Results.Empty;
    }
}
