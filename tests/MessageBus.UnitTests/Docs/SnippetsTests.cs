using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests.Docs;

/// <summary>Each block of code in README.md and src/docs can be used as it is. What C# and commands do is tested in MessageBus.IntegrationTests/Docs.</summary>
public sealed partial class SnippetsTests
{
    private static readonly IReadOnlyList<(string Page, string Language, string Code)> All =
    [
        .. from page in Directory.EnumerateFiles(Repository.Path("src", "docs"), "*.md").Prepend(Repository.Path("README.md"))
           from block in Block().Matches(File.ReadAllText(page))
           select (Path.GetFileName(page), block.Groups["language"].Value, block.Groups["code"].Value),
    ];

    public static TheoryData<string, string> Commands => Of("sh");

    public static TheoryData<string, string> Json => Of("json");

    public static TheoryData<string, string> CSharp => Of("csharp");

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Commands_have_no_syntax_errors(string page, string code)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-n", "-c", code]) { RedirectStandardError = true })!;
        var errors = await bash.StandardError.ReadToEndAsync();
        await bash.WaitForExitAsync();

        Assert.True(bash.ExitCode is 0, $"{page}: {errors}");
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Files_and_services_in_commands_exist(string page, string code)
    {
        var services = File.ReadAllText(Repository.Path("docker-compose.yml"));

        Assert.All(ProjectPath().Matches(code), path => Assert.True(Path.Exists(Repository.Path(path.Value)), $"{page}: {path.Value}"));
        Assert.All(Service().Matches(code), run => Assert.Contains($"\n  {run.Groups[1].Value}:", services, StringComparison.Ordinal));
        Assert.All(Profile().Matches(code), run => Assert.Contains($"profiles: [{run.Groups[1].Value}]", services, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Json))]
    public void Json_is_valid(string page, string code)
    {
        // A block may show a member of appsettings.json.
        using var document = JsonDocument.Parse(code.TrimStart().StartsWith('{') ? code : $"{{{code}}}");

        Assert.True(document.RootElement.EnumerateObject().Any(), page);
    }

    [Theory]
    [MemberData(nameof(CSharp))]
    public void Csharp_is_compiled_by_the_tests(string page, string code)
    {
        var compiled = Repository.SourcesOf("tests", "MessageBus.IntegrationTests", "Docs").SelectMany(file => Compiled().Matches(File.ReadAllText(file)))
            .Select(match => Normalized(match.Groups["code"].Value));

        Assert.True(compiled.Any(snippet => Normalized(code).Contains(snippet, StringComparison.Ordinal)), $"{page}: no snippet in MessageBus.IntegrationTests/Docs is this one.");
    }

    private static TheoryData<string, string> Of(string language)
    {
        var data = new TheoryData<string, string>();
        foreach (var (page, _, code) in All.Where(block => block.Language == language))
        {
            data.Add(page, code);
        }

        return data;
    }

    /// <summary>Without indentation; the address of Redis is the only difference.</summary>
    private static string Normalized(string code) =>
        string.Join('\n', code.Split('\n').Select(line => line.Trim())).Trim().Replace("ConnectAsync(address)", "ConnectAsync(\"localhost:6380\")", StringComparison.Ordinal);

    [GeneratedRegex("^```(?<language>\\w+)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("// docs: (?!end)[^\n]*\n(?<code>.*?)// docs: end", RegexOptions.Singleline)]
    private static partial Regex Compiled();

    [GeneratedRegex(@"(?<![\w/.])(?:src|tests)/[\w./-]+")]
    private static partial Regex ProjectPath();

    [GeneratedRegex(@"docker-compose run (?:--rm |-T )*([\w-]+)")]
    private static partial Regex Service();

    [GeneratedRegex(@"--profile (\w+)")]
    private static partial Regex Profile();
}
