using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.RegularExpressions;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests.Limits;

/// <summary>The README's table of limits says what the options are.</summary>
public sealed partial class LimitsInTheReadmeTests
{
    private static readonly Dictionary<string, string> Table = Row().Matches(Section()).ToDictionary(row => row.Groups[1].Value, row => row.Groups[2].Value);

    public static TheoryData<string> Names => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Default_of_a_limit_is_what_the_table_says(string name)
    {
        var option = typeof(MessageBusOptions).GetProperty(name);

        Assert.Equal(Table[name], Convert.ToString(option?.GetValue(new MessageBusOptions()), CultureInfo.InvariantCulture));
        Assert.NotEmpty(option!.GetCustomAttributes(typeof(RangeAttribute), inherit: false));
    }

    [Fact]
    public void Every_limit_stands_in_the_table()
    {
        var limits = typeof(MessageBusOptions).GetProperties().Select(option => option.Name).Where(name => name.StartsWith("Max", StringComparison.Ordinal));

        Assert.Empty(limits.Append("CommandBurst").Append("ConnectTimeout").Except(Table.Keys));
    }

    private static string Section()
    {
        var readme = File.ReadAllText(Repository.Path("README.md"));
        var start = readme.IndexOf("\n## Limits\n", StringComparison.Ordinal);
        return readme[start..readme.IndexOf("\n## ", start + 1, StringComparison.Ordinal)];
    }

    [GeneratedRegex(@"^\| `(\w+)` \| ([\w:]+) \| [^|]+ \| [^|]+ \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
