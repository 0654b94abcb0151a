using System.Reflection;
using System.Text.RegularExpressions;
using MessageBus.Gateway.Configuration;
using MessageBus.UnitTests.Fakes;
using Microsoft.Extensions.Configuration;

namespace MessageBus.UnitTests.Docs;

/// <summary>The settings in the docs are those of the gateway.</summary>
public sealed partial class SettingsTests
{
    private static readonly string Page = File.ReadAllText(Repository.Path("src", "docs", "configuration.md"));

    public static TheoryData<string> Files =>
        ["README.md", "docker-compose.yml", .. Directory.EnumerateFiles(Repository.Path("src", "docs"), "*.md").Select(file => $"src/docs/{Path.GetFileName(file)}")];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_setting_that_a_page_names_exists(string file)
    {
        var keys = Key().Matches(File.ReadAllText(Repository.Path(file)))
            .Select(match => Index().Replace(match.Value.Replace("__", ":", StringComparison.Ordinal).TrimEnd(':'), ":0"))
            .Distinct();

        // Each key on its own: a section and a value below it are not one configuration.
        Assert.Empty(keys.SelectMany(key => KnownKeys.Problems(
            new ConfigurationBuilder().AddInMemoryCollection([new(key, "")]).Build().GetSection(GatewayOptions.Section), typeof(MessageBusOptions), typeof(GatewayOptions))).Select(problem => problem.Message));
    }

    [Fact]
    public void Every_setting_is_on_the_page_Configuration()
    {
        var names = Leaves(typeof(GatewayOptions)).Concat(Leaves(typeof(MessageBusOptions))).Distinct();

        Assert.All(names, name => Assert.Matches($@"`[\w:]*\b{name}(:\d+|:N)?(:\w+)?`", Page));
    }

    /// <summary>The names of the options that hold a value or a list, including those of sections.</summary>
    private static IEnumerable<string> Leaves(Type options) =>
        options.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(option => option.CanWrite || option.PropertyType.IsGenericType).SelectMany(option =>
            option.PropertyType is { IsClass: true, IsArray: false } && option.PropertyType.Assembly.GetName().Name!.StartsWith("MessageBus", StringComparison.Ordinal)
                ? Leaves(option.PropertyType)
                : [option.Name]);

    [GeneratedRegex(@"\bMessageBus(?::|__)[A-Z]\w*(?:(?::|__)\w+)*")]
    private static partial Regex Key();

    [GeneratedRegex(@":N(?=:|$)")]
    private static partial Regex Index();
}
