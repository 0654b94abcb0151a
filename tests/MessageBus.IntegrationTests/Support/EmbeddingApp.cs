using MessageBus.Redis;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MessageBus.IntegrationTests.Support;

/// <summary>
/// An ASP.NET app of somebody else that has the library in it, on a real Kestrel in Production, with an authentication scheme of its own
/// (<see cref="TestScheme"/>). Its configuration can be changed while it runs.
/// </summary>
public sealed class EmbeddingApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EmbeddingApp(WebApplication app, KeptLog log)
    {
        _app = app;
        Log = log;
        Http = new Uri(app.Urls.First());
    }

    public Uri Http { get; }

    public Uri Bus => new UriBuilder(Http) { Scheme = "ws", Path = "/bus" }.Uri;

    public KeptLog Log { get; }

    public IServiceProvider Services => _app.Services;

    public static Task<EmbeddingApp> StartAsync(params (string Key, string Value)[] settings) => StartAsync(redis: null, _ => { }, settings);

    public static async Task<EmbeddingApp> StartAsync(RedisServerProcess? redis, Action<MessageBusBuilder> configure, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(HurriedClients.Settings!);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Services.AddAuthentication(TestScheme.Name).AddScheme<AuthenticationSchemeOptions, TestScheme>(TestScheme.Name, null);
        var bus = builder.Services.AddMessageBus();
        builder.Services.AddOptions<MessageBusOptions>().BindConfiguration("MessageBus");
        if (redis is not null)
        {
            builder.Configuration["ConnectionStrings:Redis"] = redis.Endpoint;
            bus.AddRedis();
        }

        configure(bus);
        builder.Logging.ClearProviders();
        var log = new KeptLog();
        builder.Logging.AddProvider(log);

        var app = builder.Build();
        app.UseAuthentication();
        app.MapMessageBus("/bus");
        app.MapMessageBusApi("/api");
        await app.StartAsync();
        return new EmbeddingApp(app, log);
    }

    /// <summary>Changes the configuration as an edited file would: all settings at once. A null takes the setting away.</summary>
    public void Reconfigure(params (string Key, string? Value)[] settings)
    {
        foreach (var (key, value) in settings)
        {
            _app.Configuration[key] = value;
        }

        ((IConfigurationRoot)_app.Configuration).Reload();
    }

    /// <summary>A client of this user, connected and subscribed. <paramref name="user"/> as <see cref="TestScheme"/> takes it.</summary>
    public async Task<BusClient> ConnectAsync(string user, params string[] channels)
    {
        var client = await OpenAsync(user);
        await client.ConnectAsync(channels);
        return client;
    }

    public Task<BusClient> OpenAsync(string user) => BusClient.OpenAsync(Bus, headers: [("Authorization", $"{TestScheme.Name} {user}")]);

    public HttpClient CreateHttpClient(string user)
    {
        var http = new HttpClient { BaseAddress = Http };
        http.DefaultRequestHeaders.Add("Authorization", $"{TestScheme.Name} {user}");
        return http;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
