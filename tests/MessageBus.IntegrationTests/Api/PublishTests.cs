using System.Net;
using System.Text.Json;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Api;

/// <summary>POST /api/publish: the body is the payload.</summary>
public sealed class PublishTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private readonly GatewayApp _gateway = shared.App;

    [Theory]
    [InlineData("application/octet-stream", false)]
    [InlineData("text/plain", true)]
    [InlineData("application/json", false)]
    [InlineData(null, true)]
    public async Task A_body_is_published_byte_for_byte_whatever_its_type_and_whether_its_length_is_known(string? contentType, bool chunked)
    {
        await using var client = await BusClient.ConnectAsync(_gateway.Bus, "api/bytes");

        foreach (var payload in Payloads.Awkward)
        {
            using var response = await PostAsync("/api/publish?channel=api/bytes", payload, chunked, contentType);

            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
            Assert.Equal(payload, await client.ExpectPayloadAsync("api/bytes"));
        }
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json")]
    [InlineData(null)]
    public async Task A_body_of_any_content_type_is_the_payload(string? contentType)
    {
        await using var gateway = GatewayApp.Start();
        using var http = gateway.CreateHttpClient();
        using var body = new ByteArrayContent("paid"u8.ToArray());
        body.Headers.ContentType = contentType is null ? null : new System.Net.Http.Headers.MediaTypeHeaderValue(contentType);

        using var answer = await http.PostAsync("/api/publish?channel=orders/42", body);

        Assert.Equal(System.Net.HttpStatusCode.NoContent, answer.StatusCode);
    }

    [Fact]
    public async Task The_channel_is_percent_encoded_UTF8()
    {
        await using var client = await BusClient.ConnectAsync(_gateway.Bus, "naïve/€&=+");

        using var response = await PostAsync("/api/publish?channel=" + Uri.EscapeDataString("naïve/€&=+"), "x"u8.ToArray());

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("x", await client.ExpectTextAsync("naïve/€&=+"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?channel=")]
    [InlineData("?channel=a*")]
    [InlineData("?channel=mb:x")]
    [InlineData("?channel=__keyspace@0__:x")]
    [InlineData("?channel=a%20b")]
    [InlineData("?channel=a%00b")]
    [InlineData("?channel=a%0d%0ab")]
    [InlineData("?Kanal=a")]
    public async Task A_bad_or_missing_channel_is_a_400_with_its_code(string query)
    {
        using var response = await PostAsync("/api/publish" + query, "x"u8.ToArray());

        var problem = await ProblemAsync(response, HttpStatusCode.BadRequest);
        Assert.Equal("bad_channel", problem.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_channel_of_201_bytes_is_a_400()
    {
        using var response = await PostAsync("/api/publish?channel=" + new string('c', 201), []);

        Assert.Equal("bad_channel", (await ProblemAsync(response, HttpStatusCode.BadRequest)).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData(64 * 1024, true, false)]
    [InlineData(64 * 1024, true, true)]
    [InlineData((64 * 1024) + 1, false, false)]
    [InlineData((64 * 1024) + 1, false, true)]
    [InlineData(40 * 1024 * 1024, false, false)]
    public async Task A_body_over_the_limit_is_a_413_whether_or_not_it_says_its_length(int length, bool accepted, bool chunked)
    {
        using var response = await PostAsync("/api/publish?channel=big", new byte[length], chunked);

        if (accepted)
        {
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        }
        else
        {
            Assert.Equal("too_large", (await ProblemAsync(response, HttpStatusCode.RequestEntityTooLarge)).GetProperty("code").GetString());
        }

        await GoodClient.IsServedByAsync(_gateway);
    }

    [Fact]
    public async Task Without_a_broker_it_is_a_503_that_says_when_to_try_again()
    {
        using var nobody = new HeldPort();
        await using var gateway = GatewayApp.Start(("ConnectionStrings:Redis", nobody.Endpoint));

        using var response = await PostAsync("/api/publish?channel=a", "x"u8.ToArray(), gateway: gateway);

        var problem = await ProblemAsync(response, HttpStatusCode.ServiceUnavailable);
        Assert.Equal("unavailable", problem.GetProperty("code").GetString());
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
        Assert.DoesNotContain("127.0.0.1", problem.ToString(), StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> PostAsync(string path, byte[] payload, bool chunked = false, string? contentType = null, GatewayApp? gateway = null)
    {
        using var http = (gateway ?? _gateway).CreateHttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(payload) };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = true;
        if (contentType is not null)
        {
            request.Content.Headers.ContentType = new(contentType);
        }

        return await http.SendAsync(request);
    }

    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.Equal(status, response.StatusCode);
        return await Problem.OfAsync(response);
    }
}
