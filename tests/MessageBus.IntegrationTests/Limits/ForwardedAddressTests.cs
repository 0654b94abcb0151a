using System.Net;
using System.Text.Json;
using MessageBus.IntegrationTests.Api;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Limits;

/// <summary>Whose word counts about a client's address. Every header here comes to a gateway that would rather believe nobody.</summary>
public sealed class ForwardedAddressTests
{
    private static readonly (string, string)[] Proxies = [("MessageBus:Proxies:0", "127.0.0.0/8"), ("MessageBus:Proxies:1", "10.1.0.0/16")];

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.1:4711", "192.0.2.1:4711")]
    [InlineData("2001:db8::1", "[2001:db8::1]")]
    [InlineData("[2001:db8::1]:4711", "[2001:db8::1]:4711")]
    [InlineData("198.51.100.7, 192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.1, 10.1.2.3", "192.0.2.1")]
    [InlineData("198.51.100.7, 192.0.2.1, 10.1.2.3, 127.0.0.9", "192.0.2.1")]
    [InlineData("192.0.2.1, 10.2.0.1", "10.2.0.1")]
    public async Task The_address_is_the_last_one_that_is_no_known_proxy(string header, string address)
    {
        await using var gateway = GatewayApp.Start(Proxies);

        Assert.StartsWith(address, await AddressWithAsync(gateway, header), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publications_over_REST_are_counted_for_a_whole_network_of_IPv6()
    {
        await using var gateway = GatewayApp.Start([.. Proxies, ("MessageBus:Limits:MaxApiPublishesPerSecond", "1")]);
        Task<HttpStatusCode> PublishAsync(string address) => ApiCall.StatusAsync(gateway.Http, "POST", "/api/publish?channel=a", ("X-Forwarded-For", address));

        // To serve all of them would take half a minute.
        var answers = await Task.WhenAll(Enumerable.Range(1, 30).Select(n => PublishAsync($"2001:db8:1:1::{n}")));

        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        Assert.Equal(HttpStatusCode.NoContent, await PublishAsync("2001:db8:1:2::1"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("unknown")]
    [InlineData("_hidden, for=192.0.2.1")]
    [InlineData("256.256.256.256")]
    [InlineData("192.0.2.1; DROP TABLE users")]
    public async Task A_header_without_an_address_leaves_the_proxys(string header)
    {
        await using var gateway = GatewayApp.Start(Proxies);

        Assert.StartsWith("127.0.0.1:", await AddressWithAsync(gateway, header), StringComparison.Ordinal);
        await GoodClient.IsServedByAsync(gateway);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("10.1.2.3", "10.1.2.3")]
    [InlineData("", "127.0.0.1")]
    [InlineData("no address", "127.0.0.1")]
    public async Task A_header_of_1000_entries_is_read_like_any_other(string entry, string address)
    {
        await using var gateway = GatewayApp.Start(Proxies);

        Assert.StartsWith(address, await AddressWithAsync(gateway, string.Join(", ", Enumerable.Repeat(entry, 1000))), StringComparison.Ordinal);
        await GoodClient.IsServedByAsync(gateway);
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(null, 1000)]
    [InlineData("10.1.0.0/16", 1)]
    [InlineData("127.0.0.2", 1)]
    [InlineData("127.0.0.2", 1000)]
    public async Task Nobody_else_is_believed_not_even_on_this_machine(string? proxy, int entries)
    {
        await using var gateway = proxy is null ? GatewayApp.Start() : GatewayApp.Start(("MessageBus:Proxies:0", proxy));

        Assert.StartsWith("127.0.0.1:", await AddressWithAsync(gateway, string.Join(", ", Enumerable.Repeat("192.0.2.1", entries))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https", true, 101)]
    [InlineData("http", true, 403)]
    [InlineData("https", false, 403)]
    public async Task The_scheme_of_the_own_origin_is_what_a_known_proxy_says(string scheme, bool isKnown, int status)
    {
        await using var gateway = isKnown ? GatewayApp.Start(Proxies) : GatewayApp.Start();

        using var asked = await Handshake.AskAsync(
            gateway.Http, $"Origin: https://{gateway.Http.Authority}", "X-Forwarded-For: 192.0.2.1", $"X-Forwarded-Proto: {scheme}");

        Assert.Equal(status, asked.Status);
    }

    private static async Task<string> AddressWithAsync(GatewayApp gateway, string header)
    {
        using var asked = await Handshake.AskAsync(gateway.Http, $"X-Forwarded-For: {header}");
        Assert.Equal(101, asked.Status);
        var connections = default(JsonElement);
        await Eventually.TrueAsync(
            async () => (connections = await gateway.GetJsonAsync("/api/connections")).GetArrayLength() is 1, "the connection is listed");
        return connections[0].GetProperty("remoteAddress").GetString()!;
    }
}
