using System.Security.Claims;
using MessageBus.Access;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Access;

public sealed class ChannelRulesTests
{
    private static readonly Caller User = Callers.User("42", "tier=gold", $"{ClaimTypes.Role}=staff");

    [Theory]
    [InlineData("none", false, false)]
    [InlineData("anyone", true, true)]
    [InlineData("authenticated", false, true)]
    [InlineData("role:staff", false, true)]
    [InlineData("role:Staff", false, false)]
    [InlineData("role:admin", false, false)]
    [InlineData("claim:tier=gold", false, true)]
    [InlineData("claim:tier=gol", false, false)]
    [InlineData("claim:Tier=gold", false, false)]
    [InlineData("role:admin | claim:tier=gold", false, true)]
    [InlineData("role:admin|role:owner", false, false)]
    [InlineData(null, false, false)]
    public void Who_a_rule_admits(string? who, bool anonymous, bool user)
    {
        var rules = Read(Rule("news/*", subscribe: who));

        Assert.Equal(anonymous, rules.Decide(ChannelOperation.Subscribe, ChannelName.Parse("news/a"), Caller.Anonymous));
        Assert.Equal(user, rules.Decide(ChannelOperation.Subscribe, ChannelName.Parse("news/a"), User));
        Assert.False(rules.Decide(ChannelOperation.Publish, ChannelName.Parse("news/a"), User));
    }

    [Fact]
    public void Subscribe_and_publish_are_separate_rights()
    {
        var rules = Read(Rule("visitor-management/arrival/{user}", subscribe: "user", publish: "none"), Rule("chat/*", subscribe: "none", publish: "authenticated"));

        Assert.True(rules.Decide(ChannelOperation.Subscribe, ChannelName.Parse("visitor-management/arrival/42"), User));
        Assert.False(rules.Decide(ChannelOperation.Publish, ChannelName.Parse("visitor-management/arrival/42"), User));
        Assert.False(rules.Decide(ChannelOperation.Subscribe, ChannelName.Parse("chat/1"), User));
        Assert.True(rules.Decide(ChannelOperation.Publish, ChannelName.Parse("chat/1"), User));
    }

    [Fact]
    public void The_first_rule_whose_pattern_matches_decides()
    {
        var rules = Read(Rule("chat/secret", subscribe: "none"), Rule("chat/**", subscribe: "authenticated"), Rule("chat/late", subscribe: "none"));

        Assert.False(rules.Decide(ChannelOperation.Subscribe, ChannelName.Parse("chat/secret"), User));
        Assert.True(rules.Decide(ChannelOperation.Subscribe, ChannelName.Parse("chat/open"), User));
        Assert.True(rules.Decide(ChannelOperation.Subscribe, ChannelName.Parse("chat/late"), User));
        Assert.Null(rules.Decide(ChannelOperation.Subscribe, ChannelName.Parse("other"), User));
    }

    [Fact]
    public void Placeholders_hold_whoever_the_rule_admits_and_leave_the_channels_of_others_to_later_rules()
    {
        var rules = Read(Rule("inbox/{user}", subscribe: "authenticated"), Rule("inbox/*", subscribe: "role:staff"));
        var other = Callers.User("43");

        Assert.True(rules.Decide(ChannelOperation.Subscribe, ChannelName.Parse("inbox/43"), other));
        Assert.False(rules.Decide(ChannelOperation.Subscribe, ChannelName.Parse("inbox/42"), other));
        Assert.True(rules.Decide(ChannelOperation.Subscribe, ChannelName.Parse("inbox/43"), User));
    }

    [Theory]
    [InlineData("chat/**", "everyone", null, "'MessageBus:Channels:1:Subscribe' is 'everyone'. Right is 'none', 'anyone'")]
    [InlineData("chat/**", "Anyone", null, "'MessageBus:Channels:1:Subscribe' is 'Anyone'. Right is")]
    [InlineData("chat/**", "", null, "'MessageBus:Channels:1:Subscribe' is ''. Right is")]
    [InlineData("chat/**", null, "role:", "'MessageBus:Channels:1:Publish' is 'role:'. Right is")]
    [InlineData("chat/**", null, "claim:tier", "'MessageBus:Channels:1:Publish' is 'claim:tier'. Right is")]
    [InlineData("chat/**", null, "claim:=gold", "'MessageBus:Channels:1:Publish' is 'claim:=gold'. Right is")]
    [InlineData("chat/**", null, "anyone |", "'MessageBus:Channels:1:Publish' is 'anyone |'. Right is")]
    [InlineData("chat/**", "user", null, "'MessageBus:Channels:1:Subscribe' is 'user'. 'user' is whom the placeholders match, and 'chat/**' has none")]
    [InlineData("chat/{usr}", "user", null, "'MessageBus:Channels:1:Pattern' is 'chat/{usr}'. '{usr}' is no placeholder")]
    [InlineData(null, "user", null, "'MessageBus:Channels:1:Pattern' is ''. A pattern must not be empty")]
    public void A_rule_that_cannot_be_read_is_named_with_what_is_right(string? pattern, string? subscribe, string? publish, string problem)
    {
        var problems = new List<string>();

        ChannelRules.Read([Rule("good"), new ChannelRule { Pattern = pattern, Subscribe = subscribe, Publish = publish }], '/', problems);

        Assert.StartsWith(problem, Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_told_at_once()
    {
        var problems = new List<string>();

        ChannelRules.Read([Rule("a*"), Rule("b", subscribe: "x", publish: "y")], '/', problems);

        Assert.Equal(3, problems.Count);
    }

    private static ChannelRule Rule(string pattern, string? subscribe = null, string? publish = null) => new() { Pattern = pattern, Subscribe = subscribe, Publish = publish };

    private static ChannelRules Read(params ChannelRule[] rules)
    {
        var problems = new List<string>();
        var read = ChannelRules.Read(rules, '/', problems);
        Assert.Empty(problems);
        return read;
    }
}
