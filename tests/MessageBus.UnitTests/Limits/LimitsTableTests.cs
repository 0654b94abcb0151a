using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.RegularExpressions;
using MessageBus.Limits;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests.Limits;

/// <summary>The table of limits in configuration.md matches the options.</summary>
public sealed partial class LimitsTableTests
{
    private static readonly Dictionary<string, string> Table = Row().Matches(Section()).ToDictionary(row => row.Groups[1].Value, row => row.Groups[2].Value);

    public static TheoryData<string> Names => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Default_of_a_limit_is_what_the_table_says(string name)
    {
        var option = typeof(LimitOptions).GetProperty(name);

        Assert.Equal(Table[name], Convert.ToString(option?.GetValue(new LimitOptions()), CultureInfo.InvariantCulture));
        Assert.NotEmpty(option!.GetCustomAttributes(typeof(RangeAttribute), inherit: false));
    }

    [Fact]
    public void Every_limit_is_in_the_table()
    {
        var limits = typeof(LimitOptions).GetProperties().Select(option => option.Name).Where(name => name.StartsWith("Max", StringComparison.Ordinal));

        Assert.Empty(limits.Append("CommandBurst").Append("ConnectTimeout").Except(Table.Keys));
    }

    private static string Section()
    {
        var page = File.ReadAllText(Repository.Path("src", "docs", "configuration.md"));
        var start = page.IndexOf("\n## Limits\n", StringComparison.Ordinal);
        var end = page.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return end < 0 ? page[start..] : page[start..end];
    }

    [GeneratedRegex(@"^\| `(\w+)` \| ([\w:]+) \| [^|]+ \| [^|]+ \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
