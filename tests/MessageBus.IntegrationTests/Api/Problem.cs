using System.Text.Json;

namespace MessageBus.IntegrationTests.Api;

/// <summary>Problem details (RFC 9457) of an answer.</summary>
public static class Problem
{
    /// <summary>The problem; fails where the answer is none.</summary>
    public static async Task<JsonElement> OfAsync(HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
        Assert.Equal((int)response.StatusCode, problem.GetProperty("status").GetInt32());
        Assert.False(string.IsNullOrEmpty(problem.GetProperty("title").GetString()));
        return problem;
    }
}
