using System.Text;
using System.Text.Json;
using MessageBus.IntegrationTests.Support;
using Microsoft.Extensions.Configuration;

namespace MessageBus.IntegrationTests.Docs;

/// <summary>The example rules of security.md, read from the page, do what the page says.</summary>
public sealed class DocRulesTests : IAsyncLifetime
{
    private EmbeddingApp _app = null!;

    public async Task InitializeAsync()
    {
        using var json = new MemoryStream(Encoding.UTF8.GetBytes(DocPage.BlockAfter("security.md", "Rules are an ordered list", "json")));
        var settings = new ConfigurationBuilder().AddJsonStream(json).Build().AsEnumerable();
        _app = await EmbeddingApp.StartAsync([.. settings.Where(setting => setting.Value is not null).Select(setting => (setting.Key, setting.Value!))]);
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    // One-off, private, a group's, global, sensitive: the rows of the table of names.
    [Theory]
    [InlineData("one-off/5f1c8e0a-not-really-random", "42", true, false)]
    [InlineData("one-off/a/b", "42", false, false)]
    [InlineData("user/42/orders", "42", true, false)]
    [InlineData("user/42/orders", "43", false, false)]
    [InlineData("user/42/orders", "43;role=editor;groups=staff;department=hr", false, false)]
    [InlineData("group/staff", "42;groups=staff", true, true)]
    [InlineData("group/staff", "42;groups=guests", false, false)]
    [InlineData("news/today", "42", true, false)]
    [InlineData("news/today", "42;role=editor", true, true)]
    [InlineData("news/today", "42;role=admin", true, true)]
    [InlineData("payroll/2026", "42;department=hr", true, false)]
    [InlineData("payroll/2026", "42;department=sales", false, false)]
    [InlineData("payroll/2026", "42;role=admin", false, false)]
    [InlineData("no/rule", "42;role=admin", false, false)]
    public async Task Each_name_is_open_to_whom_the_table_says(string channel, string user, bool subscribes, bool publishes)
    {
        await using var client = await _app.OpenAsync(user);
        await client.SendAsync(new { type = "connect", id = 1 });

        Assert.Equal(subscribes ? "subscribed" : "forbidden", await AnswerAsync(client, 2, new { type = "subscribe", id = 2, channel }));
        Assert.Equal(publishes ? "published" : "forbidden", await AnswerAsync(client, 3, new { type = "publish", id = 3, channel, payload = "x" }));
    }

    [Fact]
    public async Task The_automatic_channels_are_those_of_the_user_and_the_groups()
    {
        await using var client = await _app.OpenAsync("42;groups=staff;groups=night");
        await client.SendAsync(new { type = "connect" });
        await client.ExpectAsync("connected");

        var channels = new List<string?>();
        for (var n = 0; n < 3; n++)
        {
            channels.Add((await client.ExpectAsync("subscribed")).GetProperty("channel").GetString());
        }

        Assert.Equal(["group/night", "group/staff", "user/42"], channels.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("https://app.example.com", "101")]
    [InlineData("https://other.example.com", "403")]
    public async Task The_allowed_origin_is_the_one_that_stands_there(string origin, string status)
    {
        var answer = await RawWebSocket.AnswerToAsync(_app.Http, [$"Host: {_app.Http.Authority}", "Cookie: test=42", $"Origin: {origin}"]);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
    }

    /// <summary>The type of the reply with this id, or the code of its error.</summary>
    private static async Task<string?> AnswerAsync(BusClient client, int id, object command)
    {
        await client.SendAsync(command);
        JsonElement answer;
        do
        {
            answer = await client.NextAsync();
        }
        while (!answer.TryGetProperty("id", out var own) || own.GetInt32() != id);

        return (answer.TryGetProperty("code", out var code) ? code : answer.GetProperty("type")).GetString();
    }
}
