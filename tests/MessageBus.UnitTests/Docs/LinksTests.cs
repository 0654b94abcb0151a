using System.Text.RegularExpressions;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests.Docs;

/// <summary>The pages find each other.</summary>
public sealed partial class LinksTests
{
    private const string Readme = "README.md";

    private static readonly string[] Elsewhere =
    [
        "src/MessageBus/Protocol/PROTOCOL.md",
        "tests/MessageBus.Bench/README.md",
        "client-js/README.md",
        "src/CHANGELOG.md",
        ".github/CONTRIBUTING.md",
        ".github/SECURITY.md",
    ];

    private static readonly List<string> InTheMap =
        [.. Directory.EnumerateFiles(Repository.Path("src", "docs"), "*.md").Select(file => $"src/docs/{Path.GetFileName(file)}"), .. Elsewhere];

    public static TheoryData<string> Pages => [Readme, .. InTheMap];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_leads_to_a_file_and_a_heading(string page)
    {
        var text = File.ReadAllText(Repository.Path(page));

        Assert.All(Link().Matches(text).Select(link => link.Groups[1].Value), target => Assert.True(LeadsSomewhere(page, target), target));
    }

    [Fact]
    public void README_lists_every_page()
    {
        var readme = File.ReadAllText(Repository.Path(Readme));

        Assert.All(InTheMap, page => Assert.Contains($"]({page})", readme, StringComparison.Ordinal));
    }

    [Fact]
    public void README_has_at_most_200_lines()
    {
        Assert.InRange(File.ReadAllLines(Repository.Path(Readme)).Length, 1, 200);
    }

    private static bool LeadsSomewhere(string page, string target)
    {
        if (Uri.TryCreate(target, UriKind.Absolute, out var address) && address.Scheme is "https")
        {
            return true;
        }

        var parts = target.Split('#', 2);
        var file = parts[0].Length is 0 ? Repository.Path(page) : Path.GetFullPath(parts[0], Path.GetDirectoryName(Repository.Path(page))!);
        return parts.Length is 1 ? Path.Exists(file) : File.Exists(file) && Heading().Matches(File.ReadAllText(file)).Any(heading => Anchor(heading.Groups[1].Value) == parts[1]);
    }

    /// <summary>The anchor that GitHub gives a heading: lower case, spaces as hyphens, no punctuation.</summary>
    private static string Anchor(string heading) =>
        Punctuation().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"(?<!`)\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Punctuation();
}
