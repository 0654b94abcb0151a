using System.Reflection;
using System.Text.RegularExpressions;
using MessageBus.EmbeddedRedis;
using MessageBus.Redis;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests;

/// <summary>Arrows point one way: Gateway to the adapters, those to MessageBus; inside it Connections to Access and Delivery, Delivery to Brokers, all to Protocol.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly Assembly Bus = typeof(MessageBusOptions).Assembly;
    private static readonly Assembly Redis = typeof(RedisBrokerOptions).Assembly;
    private static readonly Assembly EmbeddedRedis = typeof(EmbeddedRedisOptions).Assembly;
    private static readonly Assembly Gateway = typeof(MessageBus.Gateway.Configuration.GatewayOptions).Assembly;

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

    [Theory]
    [InlineData("Protocol")]
    [InlineData("Brokers", "Protocol")]
    [InlineData("Delivery", "Protocol", "Brokers")]
    [InlineData("Access", "Protocol")]
    [InlineData("Authentication", "Protocol")]
    [InlineData("Limits")]
    [InlineData("Connections", "Protocol", "Access", "Authentication", "Brokers", "Delivery", "Limits")]
    [InlineData("WebSockets", "Protocol", "Access", "Brokers", "Delivery", "Limits", "Connections")]
    [InlineData("Sockets", "WebSockets")]
    [InlineData("Peers", "Protocol", "Brokers", "Delivery", "Connections")]
    [InlineData("Taps", "Protocol", "Brokers", "Delivery")]
    [InlineData("Api", "Protocol", "Access", "Authentication", "Brokers", "Delivery", "Limits", "Connections", "Peers", "Taps")]
    public void Folder_of_MessageBus_uses_only_those_below_it(string folder, params string[] below)
    {
        var used =
            from file in Repository.SourcesOf("src", "MessageBus", folder)
            from name in NamespacesIn(File.ReadAllText(file))
            where name != folder && !below.Contains(name)
            select $"{Path.GetFileName(file)} uses {name}";

        Assert.NotEmpty(Repository.SourcesOf("src", "MessageBus", folder));
        Assert.Empty(used);
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

    /// <summary>The namespaces below MessageBus that a source names: in a using, or in front of a type. Comments do not count.</summary>
    private static IEnumerable<string> NamespacesIn(string source) =>
        Mention().Matches(Comment().Replace(source, "")).Select(mention => mention.Groups[1].Value).Distinct();

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!);

    private static IEnumerable<string> OursAmong(Assembly assembly) => References(assembly).Where(name => name.StartsWith("MessageBus", StringComparison.Ordinal)).Order();

    private static bool IsFramework(string name) =>
        name.StartsWith("System.", StringComparison.Ordinal)
        || name.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal)
        || name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal);

    [GeneratedRegex(@"(?<!namespace )\bMessageBus\.(\w+)")]
    private static partial Regex Mention();

    [GeneratedRegex(@"//.*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceDeclaration();
}
