using FsCheck;
using FsCheck.Fluent;
using MessageBus.Access;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Access;

/// <summary>Whether one pattern covers, or meets, all that another matches; and what rules, rights and automatic subscriptions make of it.</summary>
public sealed class PatternInclusionTests
{
    // Every name of up to four of these segments. 'c' stands in no pattern: it is everything else. An empty one is in names, never in patterns.
    private static readonly string[] Alphabet = ["a", "b", "c", ""];

    private static readonly ChannelName[] Names =
        [.. Enumerable.Range(1, 4).SelectMany(NamesOf).Where(name => ChannelName.TryParse(name, out _, out _)).Select(ChannelName.Parse)];

    private static readonly Caller Somebody = Callers.User("a", "g=a", "g=b");

    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(5_000);

    [Fact]
    public void Covering_is_what_trying_every_name_says()
    {
        Prop.ForAll(Pairs("{user}", "{claim:g}", "{claim:none}").ToArbitrary(), pair =>
        {
            var (rule, subscription) = (Parse(pair.Rule), Parse(pair.Subscription));
            return rule.Covers(subscription, Somebody) == Names.Where(name => subscription.Matches(name, Somebody)).All(name => rule.Matches(name, Somebody));
        }).Check(Runs);
    }

    [Fact]
    public void Meeting_is_what_trying_every_name_says()
    {
        Prop.ForAll(Pairs("{user}", "{claim:g}", "{claim:none}").ToArbitrary(), pair =>
        {
            var (rule, subscription) = (Parse(pair.Rule), Parse(pair.Subscription));
            return rule.Overlaps(subscription, Somebody) == Names.Any(name => rule.Matches(name, Somebody) && subscription.Matches(name, Somebody));
        }).Check(Runs);
    }

    /// <summary>The reason for all of it: a pattern opens nothing that its channels, one by one, would not.</summary>
    [Fact]
    public void Pattern_that_is_allowed_has_no_channel_that_is_not()
    {
        var policies =
            from rules in Patterns("{user}", "{claim:g}").Zip(Gen.Elements("none", "anyone", "user", "role:x")).ListOf().Resize(4)
            from granted in Patterns().ListOf().Resize(2)
            from subscription in Patterns()
            select (rules, granted, subscription);

        Prop.ForAll(policies.ToArbitrary(), one =>
        {
            var options = new MessageBusOptions { AllowAnonymous = false };
            foreach (var (pattern, who) in one.rules)
            {
                options.Channels.Add(new ChannelRule { Pattern = pattern, Subscribe = who is "user" && !pattern.Contains('{', StringComparison.Ordinal) ? "authenticated" : who });
            }

            var policy = AccessPolicy.Read(options, new List<string>());
            var caller = Callers.User("a", ["g=a", "g=b", .. one.granted.Select(pattern => $"mb.sub={pattern}")]);
            var subscription = Parse(one.subscription);
            return policy.Decide(subscription, caller) is not true
                || Names.Where(name => subscription.Matches(name, caller)).All(name => policy.Decide(ChannelOperation.Subscribe, name, caller) is true);
        }).Check(Runs);
    }

    [Theory]
    [InlineData("**", "orders/*", true)]
    [InlineData("orders/**", "orders/*", true)]
    [InlineData("orders/**", "orders/*/lines", true)]
    [InlineData("orders/*", "orders/*", true)]
    [InlineData("orders/*", "orders/**", false)]
    [InlineData("orders/*", "*", false)]
    [InlineData("orders/*/**", "orders/**", false)]
    [InlineData("*/**", "**", false)]
    [InlineData("user/{user}/**", "user/42/*", true)]
    [InlineData("user/{user}/**", "user/43/*", false)]
    [InlineData("user/{user}/**", "user/*/mail", false)]
    [InlineData("group/{claim:groups}/*", "group/staff/*", true)]
    [InlineData("group/{claim:groups}/*", "group/*/news", false)]
    public void A_pattern_covers_another(string pattern, string subscription, bool covers)
    {
        Assert.Equal(covers, Parse(pattern).Covers(Parse(subscription), Callers.User("42", "groups=staff", "groups=night")));
    }

    [Theory]
    [InlineData("orders/*", true)]
    [InlineData("secret/*", false)]
    [InlineData("mixed/*", false)]
    [InlineData("mixed/*/deep", true)]
    [InlineData("user/42/*", true)]
    [InlineData("user/43/*", null)]
    [InlineData("granted/**", true)]
    [InlineData("nowhere/*", null)]
    [InlineData("**", false)]
    public void First_rule_that_covers_a_pattern_decides_unless_one_before_it_forbids_a_part(string subscription, bool? decided)
    {
        var options = new MessageBusOptions();
        foreach (var (pattern, who) in new[]
        {
            ("mixed/secret", "none"), ("secret/**", "role:boss"), ("orders/*", "authenticated"), ("mixed/**", "authenticated"), ("user/{user}/**", "user"),
        })
        {
            options.Channels.Add(new ChannelRule { Pattern = pattern, Subscribe = who });
        }

        var policy = AccessPolicy.Read(options, new List<string>());

        Assert.Equal(decided, policy.Decide(Parse(subscription), Callers.User("42", "mb.sub=granted/**")));
    }

    private static IEnumerable<string> NamesOf(int segments) =>
        segments is 1 ? Alphabet : NamesOf(segments - 1).SelectMany(_ => Alphabet, (start, segment) => $"{start}/{segment}");

    private static Gen<(string Rule, string Subscription)> Pairs(params string[] placeholders) =>
        from rule in Patterns(placeholders) from subscription in Patterns() select (rule, subscription);

    /// <summary>Up to three segments, so that names of four are longer than each.</summary>
    private static Gen<string> Patterns(params string[] placeholders) =>
        from segments in Gen.Elements([.. placeholders, "a", "b", "*"]).ListOf().Resize(3)
        from isOpen in Gen.Elements(true, false)
        let all = segments.Take(isOpen ? 2 : 3).Concat(isOpen ? ["**"] : [])
        where all.Any() && all.Where(segment => segment[0] is '{').Distinct().Count() == all.Count(segment => segment[0] is '{')
        select string.Join('/', all);

    private static ChannelPattern Parse(string text) => ChannelPattern.TryParse(text, out var pattern, out var problem) ? pattern : throw new ArgumentException(problem);
}
