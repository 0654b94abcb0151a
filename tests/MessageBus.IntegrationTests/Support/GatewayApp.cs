using System.Net;
using System.Text.Json;
using MessageBus.EmbeddedRedis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Serilog.Core;

namespace MessageBus.IntegrationTests.Support;

/// <summary>The real gateway on a real Kestrel inside the test process, on free ports, with settings of the test's own.</summary>
public sealed class GatewayApp : WebApplicationFactory<Program>
{
    private readonly Dictionary<string, string> _settings;
    private readonly Action<IServiceCollection> _services;
    private FakeTimeProvider? _time;

    private GatewayApp(Dictionary<string, string> settings, Action<IServiceCollection> services)
    {
        _settings = settings;
        _services = services;
    }

    /// <summary>Without Redis: the embedded broker, on a free port.</summary>
    public static GatewayApp Start(params (string Key, string Value)[] settings) => StartWith(redis: null, settings);

    public static GatewayApp Start(RedisServerProcess redis, params (string Key, string Value)[] settings) => StartWith(redis.Endpoint, settings);

    /// <summary>With a part of the test's own, <paramref name="before"/>, that sees each request first.</summary>
    public static GatewayApp Start(Action<IApplicationBuilder> before, params (string Key, string Value)[] settings) =>
        StartWith(redis: null, settings, services => services.AddSingleton<IStartupFilter>(new FirstInLine(before)));

    /// <summary>With a log that keeps its lines.</summary>
    public static GatewayApp Start(KeptLog log, params (string Key, string Value)[] settings) =>
        StartWith(redis: null, settings, services => services.AddSingleton<ILogEventSink>(log));

    /// <summary>With a clock of the test's own. Nothing goes by itself in it, no ping and no deadline, until the gateway is disposed.</summary>
    internal static GatewayApp Start(FakeTimeProvider time, params (string Key, string Value)[] settings)
    {
        var app = StartWith(redis: null, settings, services => services.AddSingleton<TimeProvider>(time));
        app._time = time;
        return app;
    }

    public Uri Http { get; private set; } = null!;

    /// <summary>The same over TLS, where the test did not ask for other addresses.</summary>
    public Uri Https { get; private set; } = null!;

    public Uri Bus => new UriBuilder(Http) { Scheme = "ws", Path = "/bus" }.Uri;

    public Uri SecureBus => new UriBuilder(Https) { Scheme = "wss", Path = "/bus" }.Uri;

    /// <summary>Where Redis clients reach the embedded broker.</summary>
    public int EmbeddedPort => Services.GetRequiredService<EmbeddedRedisServer>().Port;

    public HttpClient CreateHttpClient() => new() { BaseAddress = Http };

    public async Task<JsonElement> GetJsonAsync(string path)
    {
        using var http = CreateHttpClient();
        return JsonSerializer.Deserialize<JsonElement>(await http.GetStringAsync(path));
    }

    public async Task<HttpStatusCode> StatusOfAsync(string path)
    {
        using var http = CreateHttpClient();
        using var response = await http.GetAsync(path);
        return response.StatusCode;
    }

    public override async ValueTask DisposeAsync()
    {
        var disposing = base.DisposeAsync().AsTask();
        while (_time is not null && !disposing.IsCompleted)
        {
            // Connections are closed over some time.
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(disposing, Task.Delay(TimeSpan.FromMilliseconds(5)));
        }

        await disposing;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureServices(_services);
    }

    private static GatewayApp StartWith(string? redis, (string Key, string Value)[] settings, Action<IServiceCollection>? services = null)
    {
        var all = new Dictionary<string, string>(HurriedClients.Settings)
        {
            ["environment"] = "Development",
            ["urls"] = "http://127.0.0.1:0;https://127.0.0.1:0",
            ["ConnectionStrings:Redis"] = redis ?? "",
            ["MessageBus:EmbeddedPort"] = $"{FreePort.Next()}",
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        var app = new GatewayApp(all, services ?? (_ => { }));
        app.UseKestrel();
        app.StartServer();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Select(address => new Uri(address)).ToList();
        app.Http = addresses.First(address => address.Scheme is "http");
        app.Https = addresses.Find(address => address.Scheme is "https")!;
        return app;
    }

    private sealed class FirstInLine(Action<IApplicationBuilder> before) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            before(app);
            next(app);
        };
    }
}
