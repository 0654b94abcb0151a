using System.Diagnostics;
using MessageBus.Brokers;
using MessageBus.Diagnostics;
using MessageBus.Protocol;
using Microsoft.AspNetCore.Http;

namespace MessageBus.Api;

/// <summary>
/// The span of one publish over REST, with the attributes of OpenTelemetry's messaging conventions. It continues the caller's trace (W3C Trace Context,
/// <c>traceparent</c>). Subscribers do not see it: a payload is passed on byte for byte. Costs nothing where nobody listens.
/// </summary>
internal readonly struct PublishTrace : IDisposable
{
    private readonly Activity? _activity;

    private PublishTrace(Activity? activity) => _activity = activity;

    public static PublishTrace Begin(ChannelName channel, int payloadBytes, IHeaderDictionary headers)
    {
        var parent = Parent(headers);
        if (parent == default)
        {
            // Otherwise the server's span, which nobody listens to, would be the parent, and as nobody records that one, nobody would record this.
            Activity.Current = null;
        }

        var activity = Telemetry.Activities.StartActivity("publish", ActivityKind.Producer, parent);
        activity?.SetTag("messaging.system", "messagebus")
            .SetTag("messaging.operation.name", "publish")
            .SetTag("messaging.operation.type", "send")
            .SetTag("messaging.destination.name", channel.Value)
            .SetTag("messaging.message.body.size", payloadBytes);
        return new PublishTrace(activity);
    }

    public void End(BrokerResult result)
    {
        if (result is not BrokerResult.Accepted)
        {
            _activity?.SetTag("error.type", Telemetry.TagValue(result)).SetStatus(ActivityStatusCode.Error);
        }
    }

    public void Dispose() => _activity?.Dispose();

    /// <summary>The server's own span where somebody listens to those; otherwise the caller's, for the server's would be missing in the trace.</summary>
    private static ActivityContext Parent(IHeaderDictionary headers) =>
        Activity.Current is { } current && current.Source.HasListeners() ? current.Context
        : ActivityContext.TryParse(headers.TraceParent, headers.TraceState, isRemote: true, out var caller) ? caller
        : default;
}
