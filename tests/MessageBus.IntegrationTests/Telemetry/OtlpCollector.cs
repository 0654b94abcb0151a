using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MessageBus.IntegrationTests.Telemetry;

/// <summary>Takes what is pushed by OTLP over HTTP, and keeps it as it came.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _pushed = [];
    private readonly WebApplication _app;

    private OtlpCollector(WebApplication app)
    {
        _app = app;
        app.Run(TakeAsync);
    }

    public string Address => _app.Urls.First();

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        var collector = new OtlpCollector(builder.Build());
        collector._app.Urls.Clear();
        collector._app.Urls.Add("http://127.0.0.1:0");
        await collector._app.StartAsync();
        return collector;
    }

    /// <summary>Whether all of it came in one push to the path. Names travel as they are in protobuf.</summary>
    public bool Has(string path, params byte[][] contents) =>
        _pushed.Any(push => push.Path == path && contents.All(content => push.Body.AsSpan().IndexOf(content) >= 0));

    public bool Has(string path, params string[] texts) => Has(path, [.. texts.Select(Encoding.UTF8.GetBytes)]);

    /// <summary>Everything that came, a character for each byte, for texts that should stand nowhere in it.</summary>
    public string AllText() => string.Concat(_pushed.Select(push => Encoding.Latin1.GetString(push.Body)));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _pushed.Enqueue((context.Request.Path, body.ToArray()));
    }
}
