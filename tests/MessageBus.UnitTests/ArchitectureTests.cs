using System.Reflection;
using System.Text.RegularExpressions;
using MessageBus.EmbeddedRedis;
using MessageBus.Redis;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests;

/// <summary>Arrows point one way: from the gateway to the adapters, from those to MessageBus, and between folders never in a circle. Asked of the compiled types.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly Assembly Bus = typeof(MessageBusOptions).Assembly;
    private static readonly Assembly Redis = typeof(RedisBrokerOptions).Assembly;
    private static readonly Assembly EmbeddedRedis = typeof(EmbeddedRedisOptions).Assembly;
    private static readonly Assembly Gateway = typeof(MessageBus.Gateway.Configuration.GatewayOptions).Assembly;
    private static readonly Assembly[] Libraries = [Bus, Redis, EmbeddedRedis];

    [Fact]
    public void MessageBus_references_nothing_but_the_framework()
    {
        var foreign = Bus.GetReferencedAssemblies().Where(name => !IsFramework(name.Name!)).Select(name => name.Name);

        Assert.Empty(foreign);
        Assert.DoesNotMatch("<(PackageReference|ProjectReference)", File.ReadAllText(Repository.Path("src", "MessageBus", "MessageBus.csproj")));
    }

    [Fact]
    public void StackExchange_Redis_is_referenced_by_MessageBus_Redis_only()
    {
        var referencing = new[] { Bus, Redis, EmbeddedRedis, Gateway }.Where(assembly => References(assembly).Any(name => name.StartsWith("StackExchange", StringComparison.Ordinal)));
        var projects = Directory.EnumerateFiles(Repository.Path("src"), "*.csproj", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains("StackExchange.Redis\"", StringComparison.Ordinal))
            .Select(Path.GetFileNameWithoutExtension);

        Assert.Equal([Redis], referencing);
        Assert.Equal(["MessageBus.Redis"], projects);
    }

    [Fact]
    public void Adapters_reference_MessageBus_and_not_each_other()
    {
        Assert.Equal(["MessageBus"], OursAmong(Redis));
        Assert.Equal(["MessageBus"], OursAmong(EmbeddedRedis));
        Assert.Equal(["MessageBus", "MessageBus.EmbeddedRedis", "MessageBus.Redis"], OursAmong(Gateway));
    }

    [Fact]
    public void No_folder_of_the_libraries_is_in_a_circle()
    {
        var arrows = Libraries.SelectMany(TypeUses.Of).Where(use => use.From.Namespace != use.To.Namespace).ToLookup(use => use.From.Namespace!);

        var circles =
            from @from in arrows
            from use in @from
            where Reaches(arrows, use.To.Namespace!, @from.Key)
            select $"{use.From} uses {use.To}";

        Assert.NotEmpty(arrows);
        Assert.True(!circles.Any(), "These uses are in a circle of folders:\n" + string.Join('\n', circles.Distinct().Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("Protocol")]
    [InlineData("Diagnostics")]
    [InlineData("Limits")]
    [InlineData("Access", "Protocol")]
    [InlineData("Brokers", "Protocol", "Diagnostics")]
    public void Folder_at_the_bottom_uses_only_those_below_it(string folder, params string[] below)
    {
        string[] allowed = [folder, .. below];
        var above =
            from use in TypeUses.Of(Bus)
            where use.From.Namespace == $"MessageBus.{folder}" && !allowed.Contains(use.To.Namespace!.Replace("MessageBus.", "", StringComparison.Ordinal))
            select $"{use.From} uses {use.To}";

        Assert.Contains(Bus.GetTypes(), type => type.Namespace == $"MessageBus.{folder}");
        Assert.Empty(above);
    }

    [Fact]
    public void File_stands_in_the_folder_of_its_namespace()
    {
        string[] projects = ["MessageBus", "MessageBus.Redis", "MessageBus.EmbeddedRedis", "MessageBus.Gateway"];
        var misplaced =
            from project in projects
            from file in Repository.SourcesOf("src", project)
            let folder = Path.GetDirectoryName(Path.GetRelativePath(Repository.Path("src"), file))!
            let declared = NamespaceDeclaration().Match(File.ReadAllText(file))
            where declared.Success && declared.Groups[1].Value != folder.Replace(Path.DirectorySeparatorChar, '.')
            select $"{file} declares {declared.Groups[1].Value}";

        Assert.Empty(misplaced);
    }

    private static bool Reaches(ILookup<string, TypeUse> arrows, string start, string end)
    {
        var seen = new HashSet<string> { start };
        var next = new Queue<string>(seen);
        while (next.TryDequeue(out var one) && one != end)
        {
            foreach (var use in arrows[one].Where(use => seen.Add(use.To.Namespace!)))
            {
                next.Enqueue(use.To.Namespace!);
            }
        }

        return seen.Contains(end);
    }

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!);

    private static IEnumerable<string> OursAmong(Assembly assembly) => References(assembly).Where(name => name.StartsWith("MessageBus", StringComparison.Ordinal)).Order();

    private static bool IsFramework(string name) =>
        name.StartsWith("System.", StringComparison.Ordinal)
        || name.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal)
        || name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal);

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceDeclaration();
}
