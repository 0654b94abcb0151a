using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Readme;

/// <summary>What stands in README.md.</summary>
internal static class ReadmeText
{
    private const string Fence = "```";

    /// <summary>The first block of code in <paramref name="language"/> behind <paramref name="words"/>.</summary>
    public static string BlockBehind(string words, string language)
    {
        var text = File.ReadAllText(Path.Combine(GatewayProcess.RepositoryRoot, "README.md"));
        var from = text.IndexOf(words, StringComparison.Ordinal);
        Assert.True(from >= 0, $"README.md has no '{words}'.");
        var start = text.IndexOf($"{Fence}{language}\n", from, StringComparison.Ordinal) + Fence.Length + language.Length + 1;
        return text[start..text.IndexOf(Fence, start, StringComparison.Ordinal)];
    }
}
