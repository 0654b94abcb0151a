using System.Net;
using MessageBus.Gateway.Telemetry;
using MessageBus.IntegrationTests.Support;
using MessageBus.UnitTests.Gateway.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace MessageBus.IntegrationTests.Telemetry;

/// <summary>What a gateway says of itself when Prometheus asks.</summary>
public sealed class ScrapeTests
{
    private static readonly (string Key, string Value)[] Production =
    [
        .. Keys.Settings, ("environment", "Production"), ("urls", "http://127.0.0.1:0"), ("MessageBus:AllowEmbedded", "true"), ("MessageBus:AllowAnonymous", "true"),
    ];

    [Fact]
    public async Task A_connection_a_subscription_and_a_publication_are_counted_on_their_way()
    {
        await using var gateway = GatewayApp.Start();
        await using var first = await BusClient.ConnectAsync(gateway.Bus, "a", "b");
        await using var second = await BusClient.ConnectAsync(gateway.Bus, "a");

        await first.SendAsync(new { type = "publish", id = 7, channel = "a", payload = "hello" });
        await first.ExpectTextAsync("a");
        await first.ExpectAsync("published");
        await second.ExpectTextAsync("a");
        using var http = gateway.CreateHttpClient();
        await http.PostAsync("/api/publish?channel=b", new StringContent("hello"));
        await first.ExpectTextAsync("b");

        await Scrape.ReachesAsync(gateway, "messagebus_deliveries_total", 3);
        var scrape = await Scrape.OfAsync(gateway);
        Assert.Equal(2, scrape["messagebus_connections_active"]);
        Assert.Equal(2, scrape["messagebus_connections_opened_total"]);
        Assert.Equal(3, scrape["messagebus_subscriptions_active"]);
        Assert.Equal(2, scrape["messagebus_channels_active"]);
        Assert.Equal(2, scrape["messagebus_publications_received_total"]);
        Assert.Equal(1, scrape["messagebus_publications_sent_total{source=\"connection\",result=\"accepted\"}"]);
        Assert.Equal(1, scrape["messagebus_publications_sent_total{source=\"api\",result=\"accepted\"}"]);
        Assert.Equal(1, scrape["messagebus_broker_up"]);
        Assert.InRange(scrape["messagebus_delivery_delay_seconds_count"], 1, 3);
        Assert.InRange(scrape["messagebus_delivery_frames_total"], 8, double.MaxValue);
        Assert.InRange(scrape["messagebus_delivery_io_bytes_total"], 8 * 20, double.MaxValue);
    }

    [Fact]
    public async Task Commands_are_counted_by_type_and_by_what_came_of_them()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:Limits:MaxPayloadBytes", "100"));
        await using var client = await BusClient.OpenAsync(gateway.Bus);
        await client.SendTextAsync("""{"type":"connect","subscriptions":[{"channel":"a"},{"channel":"bad *"}]}""");
        await client.ExpectAsync("connected");
        string[] commands =
        [
            """{"type":"subscribe","channel":"b"}""",
            """{"type":"subscribe","channel":"b"}""",
            """{"type":"subscribe","channel":"bad *"}""",
            """{"type":"unsubscribe","channel":"b"}""",
            """{"type":"unsubscribe","channel":"c"}""",
            """{"type":"publish","channel":"c","payload":"hello"}""",
            $$"""{"type":"publish","channel":"c","payload":"{{new string('x', 101)}}"}""",
            """{"type":"no such"}""",
            """{"type":"pong"}""",
            """{"type":"unsubscribe","channel":"a"}""",
        ];
        foreach (var command in commands)
        {
            await client.SendTextAsync(command);
        }

        // The last one is counted after all others.
        await Scrape.ReachesAsync(gateway, "messagebus_commands_total{type=\"unsubscribe\",result=\"ok\"}", 2);
        var scrape = await Scrape.OfAsync(gateway);
        Assert.Equal(1, scrape["messagebus_commands_total{type=\"connect\",result=\"ok\"}"]);
        Assert.Equal(1, scrape["messagebus_commands_total{type=\"subscribe\",result=\"bad_channel\"}"]);
        Assert.Equal(2, scrape["messagebus_commands_total{type=\"subscribe\",result=\"ok\"}"]);
        Assert.Equal(1, scrape["messagebus_commands_total{type=\"unsubscribe\",result=\"not_subscribed\"}"]);
        Assert.Equal(1, scrape["messagebus_commands_total{type=\"publish\",result=\"ok\"}"]);
        Assert.Equal(1, scrape["messagebus_commands_total{type=\"publish\",result=\"too_large\"}"]);
        Assert.Equal(1, scrape["messagebus_commands_total{type=\"invalid\",result=\"bad_channel\"}"]);
        Assert.Equal(1, scrape["messagebus_commands_total{type=\"invalid\",result=\"unknown_type\"}"]);
        Assert.Equal(1, scrape["messagebus_commands_total{type=\"pong\",result=\"ok\"}"]);
    }

    [Fact]
    public async Task A_connection_that_ends_is_counted_with_its_reason()
    {
        await using var gateway = GatewayApp.Start();
        await using var rude = await BusClient.OpenAsync(gateway.Bus);

        await rude.SendTextAsync("""{"type":"subscribe","channel":"a"}""");

        await Scrape.ReachesAsync(gateway, "messagebus_connections_closed_total{reason=\"bad_message\"}", 1);
        var scrape = await Scrape.OfAsync(gateway);
        Assert.Equal(0, scrape["messagebus_connections_active"]);
        Assert.Equal(0, scrape["messagebus_commands_total{type=\"subscribe\",result=\"ok\"}"]);
    }

    [Fact]
    public async Task A_refused_handshake_is_counted_with_its_status()
    {
        await using var gateway = GatewayApp.Start();

        Assert.Equal(HttpStatusCode.UpgradeRequired, await gateway.StatusOfAsync("/bus"));

        await Scrape.ReachesAsync(gateway, "messagebus_handshakes_rejected_total{http_response_status_code=\"426\"}", 1);
        Assert.Equal(0, (await Scrape.OfAsync(gateway))["messagebus_connections_opened_total"]);
    }

    [Fact]
    public async Task A_publication_that_is_too_large_is_counted_with_the_gaps_that_it_leaves()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:Limits:MaxBacklogBytes", "16384"));
        await using var first = await BusClient.ConnectAsync(gateway.Bus, "a");
        await using var second = await BusClient.ConnectAsync(gateway.Bus, "a");

        await first.SendAsync(new { type = "publish", channel = "a", payload = new string('x', 20_000) });
        await first.ExpectAsync("gap");
        await second.ExpectAsync("gap");

        var scrape = await Scrape.OfAsync(gateway);
        Assert.Equal(1, scrape["messagebus_publications_undeliverable_total"]);
        Assert.Equal(2, scrape["messagebus_gaps_total{reason=\"too_large\"}"]);
        Assert.Equal(0, scrape["messagebus_deliveries_total"]);
        Assert.Equal(16384, scrape["messagebus_delivery_backlog_limit_bytes"]);
    }

    [Fact]
    public async Task A_loss_of_Redis_is_counted_with_what_came_back_and_who_was_told()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "a", "b");

        await redis.KillAsync();
        await client.ExpectAsync("status");
        await Scrape.ReachesAsync(gateway, "messagebus_broker_up", 0);
        await redis.RestartAsync();
        await client.ExpectAsync("status");
        await client.ExpectAsync("gap");

        var scrape = await Scrape.OfAsync(gateway);
        Assert.Equal(1, scrape["messagebus_broker_up"]);
        Assert.InRange(scrape["messagebus_broker_losses_total"], 1, double.MaxValue);
        Assert.InRange(scrape["messagebus_broker_resubscriptions_total"], 2, double.MaxValue);
        Assert.InRange(scrape["messagebus_gaps_total{reason=\"broker_reconnected\"}"], 1, double.MaxValue);
    }

    [Fact]
    public async Task A_client_that_does_not_ask_for_OpenMetrics_gets_the_text_format()
    {
        await using var gateway = GatewayApp.Start();
        using var http = gateway.CreateHttpClient();

        using var response = await http.GetAsync("/metrics");

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        var families = ExpositionParser.ParsePrometheusText(await response.Content.ReadAsStringAsync());
        Assert.Contains(families, family => family is { Name: "messagebus_connections_opened_total", Type: "counter" });
        Assert.Contains(families, family => family is { Name: "dotnet_process_memory_working_set_bytes", Type: "gauge" });
    }

    [Theory]
    [InlineData("*/*")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")]
    [InlineData("text/plain;version=0.0.4;q=0.5,application/openmetrics-text;q=0.3")]
    [InlineData("application/openmetrics-text;version=2.0.0")]
    [InlineData("application/openmetrics-text;q=0")]
    [InlineData("nonsense")]
    public async Task OpenMetrics_is_not_sent_to_a_client_that_prefers_another_format(string accept)
    {
        await using var gateway = GatewayApp.Start();
        using var http = gateway.CreateHttpClient();
        http.DefaultRequestHeaders.TryAddWithoutValidation("Accept", accept);

        using var response = await http.GetAsync("/metrics");

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.True(response.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task Two_gateways_in_one_process_count_each_its_own()
    {
        await using var one = GatewayApp.Start();
        await using var other = GatewayApp.Start();
        await using var client = await BusClient.ConnectAsync(one.Bus, "a");

        await Scrape.ReachesAsync(one, "messagebus_connections_opened_total", 1);

        Assert.Equal(0, (await Scrape.OfAsync(other))["messagebus_connections_opened_total"]);
    }

    [Fact]
    public async Task No_channel_user_or_connection_is_named()
    {
        await using var gateway = GatewayApp.Start();
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "secret/channel");
        using var http = gateway.CreateHttpClient();

        var text = await http.GetStringAsync("/metrics");

        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("c-", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_of_its_own_serves_the_metrics_without_a_key_and_nothing_else()
    {
        await using var gateway = GatewayApp.Start([.. Production, ("MessageBus:MetricsPort", "0")]);
        var metrics = gateway.Services.GetRequiredService<MetricsServer>().Address!;

        Assert.Equal("127.0.0.1", metrics.Host);
        Assert.Equal(1, (await Scrape.OfAsync(metrics))["messagebus_broker_up"]);
        using var http = new HttpClient { BaseAddress = metrics };
        foreach (var path in new[] { "/", "/bus", "/api/connections", "/health/live", "/metrics/" })
        {
            using var response = await http.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public async Task That_port_is_not_opened_unless_it_is_asked_for()
    {
        await using var gateway = GatewayApp.Start(Production);

        Assert.Null(gateway.Services.GetService<MetricsServer>());
    }

    [Theory]
    [InlineData(null, null, 401)]
    [InlineData(Keys.Header, "not a key", 401)]
    [InlineData(Keys.Header, Keys.Read, 403)]
    [InlineData(Keys.Header, Keys.Admin, 200)]
    [InlineData("Authorization", "Bearer not-a-key", 401)]
    [InlineData("Authorization", $"Bearer {Keys.Read}", 403)]
    [InlineData("Authorization", $"Basic {Keys.Admin}", 401)]
    [InlineData("Authorization", $"bearer {Keys.Admin}", 200)]
    public async Task Beside_everything_else_they_need_the_key_of_an_admin(string? header, string? value, int status)
    {
        await using var gateway = GatewayApp.Start(Production);
        using var http = gateway.CreateHttpClient();
        if (header is not null)
        {
            http.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
        }

        using var text = await http.GetAsync("/metrics");
        http.DefaultRequestHeaders.TryAddWithoutValidation("Accept", Scrape.Accept);
        using var openMetrics = await http.GetAsync("/metrics");

        Assert.Equal(status, (int)text.StatusCode);
        Assert.Equal(status, (int)openMetrics.StatusCode);
        var families = status is 200
            ? [ExpositionParser.ParsePrometheusText(await text.Content.ReadAsStringAsync()), ExpositionParser.ParseOpenMetrics(await openMetrics.Content.ReadAsStringAsync())]
            : Array.Empty<IReadOnlyList<ParsedFamily>>();
        Assert.All(families, family => Assert.Contains(family, one => one.Name.StartsWith("messagebus_", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task In_Production_no_setting_opens_them_to_everybody()
    {
        await using var gateway = GatewayApp.Start(("environment", "Production"), ("urls", "http://127.0.0.1:0"), ("MessageBus:AllowEmbedded", "true"), ("MessageBus:AllowAnonymous", "true"));

        Assert.Equal(HttpStatusCode.Unauthorized, await gateway.StatusOfAsync("/metrics"));
    }

    [Fact]
    public async Task Metrics_can_be_stopped_twice_and_after_the_end()
    {
        var gateway = GatewayApp.Start(("MessageBus:MetricsPort", "0"));
        var server = gateway.Services.GetRequiredService<MetricsServer>();
        var metrics = server.Address!;

        await server.StopAsync(CancellationToken.None);
        await server.StopAsync(CancellationToken.None);
        await gateway.DisposeAsync();
        await server.StopAsync(CancellationToken.None);

        using var http = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(metrics));
    }
}
