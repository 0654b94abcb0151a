using FsCheck;
using FsCheck.Fluent;
using MessageBus.Access;
using MessageBus.Delivery;
using MessageBus.Protocol;
using MessageBus.UnitTests.Access;

namespace MessageBus.UnitTests.Delivery;

public sealed class PatternTableTests
{
    private static readonly Caller Nobody = Callers.User("nobody");

    [Fact]
    public void All_patterns_that_match_a_name_are_found_and_no_others()
    {
        var table = Table("orders/*", "orders/**", "orders/42", "orders/*/lines", "*/42", "*", "**", "other/*");

        Assert.Equal(["**", "*/42", "orders/*", "orders/**", "orders/42"], Match(table, "orders/42"));
        Assert.Equal(["**", "orders/**", "orders/*/lines"], Match(table, "orders/42/lines"));
        Assert.Equal(["*", "**"], Match(table, "orders"));
        Assert.Equal(["**"], Match(table, "/"));
        Assert.Equal(["**"], Match(table, "orders/"));
        Assert.Empty(Match(Table(), "orders"));
    }

    [Fact]
    public void Pattern_that_is_removed_is_not_found_and_its_neighbours_are()
    {
        var table = Table("a/*", "a/*/b", "a/**");

        Assert.True(table.Remove("a/*"));
        Assert.False(table.Remove("a/*"));
        Assert.False(table.Remove("a"));
        Assert.False(table.Remove("x/*"));

        Assert.Equal(2, table.Count);
        Assert.Equal(["a/**"], Match(table, "a/x"));
        Assert.False(table.TryGet("a/*", out _));
        Assert.True(table.TryGet("a/*/b", out var value));
        Assert.Equal("a/*/b", value);
        Assert.Throws<ArgumentException>(() => table.Add("a/**", "again"));
    }

    [Theory]
    [InlineData(':')]
    [InlineData('.')]
    public void Names_are_divided_by_the_separator_that_is_set(char separator)
    {
        var table = new PatternTable<string>(separator);
        table.Add($"a{separator}*", "one");
        var found = new List<string>();

        table.Match("a/b", found);
        Assert.Empty(found);
        table.Match($"a{separator}b/c", found);
        Assert.Equal(["one"], found);
    }

    /// <summary>A loop over all of them is the definition.</summary>
    [Fact]
    public void Matching_is_what_a_loop_over_all_patterns_finds()
    {
        var patterns =
            from segments in Gen.Elements("a", "b", "*").ListOf().Resize(4)
            from isOpen in Gen.Elements(true, false)
            let all = segments.Concat(isOpen ? ["**"] : [])
            where all.Any()
            select string.Join('/', all);
        var names =
            from segments in Gen.Elements("a", "b", "c", "").NonEmptyListOf().Resize(5)
            let text = string.Join('/', segments)
            where ChannelName.TryParse(text, out _, out _)
            select text;
        var cases = from kept in patterns.ListOf().Resize(12) from removed in patterns.ListOf().Resize(12) from name in names select (kept, removed, name);

        Prop.ForAll(cases.ToArbitrary(), one =>
        {
            var table = Table([.. one.kept.Concat(one.removed).Distinct()]);
            var gone = one.removed.Except(one.kept).ToList();
            var isConsistent = gone.All(table.Remove) && table.Count == one.kept.Distinct().Count() && gone.All(pattern => !table.TryGet(pattern, out _));
            var expected = one.kept.Distinct().Where(pattern => Parse(pattern).Matches(ChannelName.Parse(one.name), Nobody)).Order(StringComparer.Ordinal);
            return isConsistent && expected.SequenceEqual(Match(table, one.name));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }

    [Fact]
    public void Name_costs_the_same_beside_many_patterns_that_do_not_match_and_allocates_nothing()
    {
        var table = Table([.. Enumerable.Range(0, 10_000).Select(n => $"room/{n}/*"), "orders/*"]);
        var found = new List<string>(4);
        table.Match("orders/42", found);
        found.Clear();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = 0; n < 1_000; n++)
        {
            table.Match("orders/42", found);
            found.Clear();
            table.Match("room/10001/x", found);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Empty(found);
    }

    private static PatternTable<string> Table(params string[] patterns)
    {
        var table = new PatternTable<string>('/');
        Array.ForEach(patterns, pattern => table.Add(pattern, pattern));
        return table;
    }

    /// <summary>In order.</summary>
    private static IReadOnlyList<string> Match(PatternTable<string> table, string name)
    {
        var found = new List<string>();
        table.Match(name, found);
        return [.. found.Order(StringComparer.Ordinal)];
    }

    private static ChannelPattern Parse(string text) => ChannelPattern.TryParse(text, out var pattern, out var problem) ? pattern : throw new ArgumentException(problem);
}
