using System.Text.RegularExpressions;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests.Docs;

/// <summary>architecture.md names what there is.</summary>
public sealed partial class ArchitecturePageTests
{
    private static readonly string Page = File.ReadAllText(Repository.Path("src", "docs", "architecture.md"));

    public static TheoryData<string> Folders =>
    [
        .. from folder in Directory.EnumerateDirectories(Repository.Path("src", "MessageBus")).Concat(Directory.EnumerateDirectories(Repository.Path("src"), "MessageBus.*"))
           where Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Any() && Path.GetFileName(folder) is not ("bin" or "obj" or "MessageBus")
           select Path.GetRelativePath(Repository.Root, folder).Replace('\\', '/'),
    ];

    public static TheoryData<string> Types => [.. TypeName().Matches(Page).Select(match => match.Groups[1].Value).Distinct()];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Every_folder_has_a_row(string folder)
    {
        Assert.Contains($"\n| `{folder}` |", Page, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_type_on_the_page_exists(string name)
    {
        Assert.True(
            Type.GetType($"System.{name}") is not null || Repository.SourcesOf("src").Any(file => Declaration(name).IsMatch(File.ReadAllText(file))),
            $"There is no type {name}.");
    }

    [Fact]
    public void Each_way_has_at_most_seven_steps()
    {
        var ways = Way().Matches(Page).Select(way => Step().Count(way.Value)).ToList();

        Assert.Equal(3, ways.Count);
        Assert.All(ways, steps => Assert.InRange(steps, 1, 7));
    }

    private static Regex Declaration(string name) => new($@"\b(?:class|record|struct|interface|enum)\s+{name}\b");

    [GeneratedRegex("`([A-Z][A-Za-z]+)`")]
    private static partial Regex TypeName();

    [GeneratedRegex("^## The way of .*?(?=^## )", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Way();

    [GeneratedRegex(@"^\d+\. \*\*", RegexOptions.Multiline)]
    private static partial Regex Step();
}
