using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Telemetry;

/// <summary>A publish over REST is a span in the trace of its caller (W3C Trace Context).</summary>
public sealed class PublishTraceTests : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = [];
    private readonly ActivityListener _listener;

    public PublishTraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MessageBusTelemetry.ActivitySourceName,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    [Fact]
    public async Task A_publish_continues_the_trace_of_its_caller()
    {
        await using var gateway = GatewayApp.Start();
        var (trace, caller) = (ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom());

        var status = await PublishAsync(gateway.Http, trace, caller);

        Assert.Equal(HttpStatusCode.NoContent, status);
        var span = Assert.Single(_ended, activity => activity.TraceId == trace);
        Assert.Equal(caller, span.ParentSpanId);
        Assert.Equal(("publish", ActivityKind.Producer), (span.DisplayName, span.Kind));
        Assert.Equal("orders/42", span.GetTagItem("messaging.destination.name"));
        Assert.Equal(4, span.GetTagItem("messaging.message.body.size"));
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
    }

    [Fact]
    public async Task A_publish_that_Redis_does_not_get_is_an_error_in_its_trace()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await redis.KillAsync();
        var (trace, caller) = (ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom());

        var status = await PublishAsync(gateway.Http, trace, caller);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        var span = Assert.Single(_ended, activity => activity.TraceId == trace);
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.Equal("unavailable", span.GetTagItem("error.type"));
    }

    [Fact]
    public async Task A_trace_context_that_is_none_is_passed_over()
    {
        await using var gateway = GatewayApp.Start();
        using var http = gateway.CreateHttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/publish?channel=trace/none") { Content = new StringContent("paid") };
        request.Headers.Add("traceparent", "00-nonsense-01");

        using var response = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Single(_ended, activity => (string?)activity.GetTagItem("messaging.destination.name") == "trace/none");
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>Publishes <c>paid</c> to <c>orders/42</c>, as a caller with a trace does.</summary>
    internal static async Task<HttpStatusCode> PublishAsync(Uri gateway, ActivityTraceId trace, ActivitySpanId caller)
    {
        using var http = new HttpClient { BaseAddress = gateway };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/publish?channel=orders/42") { Content = new StringContent("paid") };
        request.Headers.Add("traceparent", $"00-{trace}-{caller}-01");
        using var response = await http.SendAsync(request);
        return response.StatusCode;
    }
}
