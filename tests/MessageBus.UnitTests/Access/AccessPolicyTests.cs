using MessageBus.Access;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Access;

public sealed class AccessPolicyTests
{
    [Fact]
    public void Automatic_subscriptions_are_the_channels_of_each_value_without_repetition()
    {
        var policy = Read(options =>
        {
            options.AutoSubscribe.Add("user/{user}");
            options.AutoSubscribe.Add("group/{claim:groups}");
            options.AutoSubscribe.Add("everybody");
        });

        var channels = policy.AutomaticChannels(Callers.User("42", "groups=staff", "groups=staff", "groups=night", "groups=a/b"));

        Assert.Equal(["user/42", "group/staff", "group/night", "everybody"], channels.Select(channel => channel.Value));
        Assert.Equal(["everybody"], policy.AutomaticChannels(Caller.Anonymous).Select(channel => channel.Value));
    }

    [Fact]
    public void An_automatic_subscription_is_a_right_to_subscribe_and_not_to_publish()
    {
        var policy = Read(options => options.AutoSubscribe.Add("user/{user}"));

        Assert.True(policy.Decide(ChannelOperation.Subscribe, ChannelName.Parse("user/42"), Callers.User("42")));
        Assert.Null(policy.Decide(ChannelOperation.Publish, ChannelName.Parse("user/42"), Callers.User("42")));
        Assert.Null(policy.Decide(ChannelOperation.Subscribe, ChannelName.Parse("user/43"), Callers.User("42")));
    }

    [Fact]
    public void A_right_in_the_token_comes_before_the_rules()
    {
        var policy = Read(options => options.Channels.Add(new ChannelRule { Pattern = "**", Subscribe = "none" }));

        Assert.True(policy.Decide(ChannelOperation.Subscribe, ChannelName.Parse("news"), Callers.User("42", "mb.sub=news")));
        Assert.False(policy.Decide(ChannelOperation.Subscribe, ChannelName.Parse("other"), Callers.User("42", "mb.sub=news")));
    }

    [Theory]
    [InlineData("group/*", "'*' and '**' cannot stand here")]
    [InlineData("**", "'*' and '**' cannot stand here")]
    [InlineData("user/{usr}", "is no placeholder")]
    public void An_automatic_subscription_that_is_none_is_named(string text, string right)
    {
        var problems = new List<string>();
        var options = new MessageBusOptions();
        options.AutoSubscribe.Add(text);

        AccessPolicy.Read(options, problems);

        var problem = Assert.Single(problems);
        Assert.StartsWith($"'MessageBus:AutoSubscribe:0' is '{text}'.", problem, StringComparison.Ordinal);
        Assert.Contains(right, problem, StringComparison.Ordinal);
    }

    private static AccessPolicy Read(Action<MessageBusOptions> configure)
    {
        var options = new MessageBusOptions();
        configure(options);
        var problems = new List<string>();
        var policy = AccessPolicy.Read(options, problems);
        Assert.Empty(problems);
        return policy;
    }
}
