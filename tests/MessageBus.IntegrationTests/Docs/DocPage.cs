using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Docs;

/// <summary>The text of README.md and of the pages in src/docs.</summary>
internal static class DocPage
{
    public const string Readme = "README.md";

    private const string Fence = "```";

    public static string Text(string page) => File.ReadAllText(Path.Combine(GatewayProcess.RepositoryRoot, page is Readme ? Readme : $"src/docs/{page}"));

    /// <summary>The first block of code in <paramref name="language"/> after <paramref name="words"/>.</summary>
    public static string BlockAfter(string page, string words, string language)
    {
        var text = Text(page);
        var from = text.IndexOf(words, StringComparison.Ordinal);
        Assert.True(from >= 0, $"{page} does not contain '{words}'.");
        var start = text.IndexOf($"{Fence}{language}\n", from, StringComparison.Ordinal) + Fence.Length + language.Length + 1;
        return text[start..text.IndexOf(Fence, start, StringComparison.Ordinal)];
    }
}
