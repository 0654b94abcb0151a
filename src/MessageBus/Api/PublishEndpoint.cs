using System.Buffers;
using System.IO.Pipelines;
using MessageBus.Access;
using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Http;
using MessageBus.Limits;
using MessageBus.Protocol;
using MessageBus.Publishing;
using Microsoft.AspNetCore.Http;

namespace MessageBus.Api;

/// <summary><c>POST publish?channel=NAME</c>: the body is the payload, byte for byte, whatever its content type.</summary>
internal sealed class PublishEndpoint(Publisher publications, ApiAccess api, PublishRate rate, LimitOptions limits)
{
    public async Task<IResult> PublishAsync(string? channel, HttpRequest request, CancellationToken cancellationToken)
    {
        if (api.RefusalOfPublisher(request.HttpContext, out var publisher) is { } refusal)
        {
            return refusal;
        }

        if (!rate.Admits(publisher.Name, out var retryAfter))
        {
            // RFC 9110 section 10.2.3: whole seconds.
            request.HttpContext.Response.Headers.RetryAfter = $"{Math.Max(1, (int)Math.Ceiling(retryAfter.TotalSeconds))}";
            return Problems.TooMany(limits.MaxApiPublishesPerSecond);
        }

        // Several would be taken as one name with commas, which is not what anybody in between has understood.
        if (request.Query["channel"].Count > 1)
        {
            return Problems.BadChannel("Name one channel, once.");
        }

        if (!ChannelName.TryParse(channel, out var name, out var problem))
        {
            return Problems.BadChannel(problem);
        }

        // An API call of a user is that user's: rules hold here as on the socket.
        switch (publisher.Caller is { } caller ? await publications.DecideAsync(name, caller) : AccessDecision.Allowed)
        {
            case AccessDecision.Forbidden:
                return Problems.Forbidden();

            case AccessDecision.Failed:
                return Problems.Internal();
        }

        // Before the body is read: the server has a limit of its own for a body that says its length, and fails the read.
        if (request.ContentLength > publications.MaxPayloadBytes)
        {
            return Problems.TooLarge(publications.MaxPayloadBytes);
        }

        byte[]? payload;
        try
        {
            payload = await ReadAsync(request.BodyReader, publications.MaxPayloadBytes);
        }
        catch (IOException e)
        {
            // The body breaks HTTP, does not come, or the client is gone: the client's fault, and no news for the log. Nothing behind it can be read any more:
            // a server that went on to the next request would log that a read is still in progress.
            request.HttpContext.Response.Headers.Connection = "close";
            return Problems.BrokenBody((e as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status400BadRequest);
        }

        if (payload is null)
        {
            return Problems.TooLarge(publications.MaxPayloadBytes);
        }

        using var trace = PublishTrace.Begin(name, payload.Length, request.Headers);
        var result = await publications.PublishAsync(PublicationSource.Api, name, payload, cancellationToken);
        trace.End(result);
        if (result is not BrokerResult.Accepted)
        {
            request.HttpContext.Response.Headers.RetryAfter = "1";
            return Problems.Unavailable();
        }

        return Results.NoContent();
    }

    /// <summary>The whole body; null where it is longer than <paramref name="maxBytes"/>.</summary>
    private static async Task<byte[]?> ReadAsync(PipeReader body, int maxBytes)
    {
        while (true)
        {
            // Without a token: the end of the connection ends the read, with an IOException.
            var read = await body.ReadAsync(CancellationToken.None);
            if (read.Buffer.Length > maxBytes)
            {
                body.AdvanceTo(read.Buffer.End);
                return null;
            }

            if (read.IsCompleted)
            {
                var payload = read.Buffer.ToArray();
                body.AdvanceTo(read.Buffer.End);
                return payload;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
