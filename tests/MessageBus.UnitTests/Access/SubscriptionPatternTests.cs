using MessageBus.Access;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Access;

/// <summary>The patterns that clients may subscribe to, and each separator.</summary>
public sealed class SubscriptionPatternTests
{
    [Theory]
    [InlineData("*")]
    [InlineData("**")]
    [InlineData("orders/*")]
    [InlineData("orders/**")]
    [InlineData("*/42")]
    [InlineData("café/*/🚌")]
    public void A_pattern_with_a_wildcard_can_be_subscribed_to(string text)
    {
        Assert.True(ChannelPattern.TryParseSubscription(text, '/', out var pattern, out var problem), problem);
        Assert.Equal(text, pattern.ToString());
    }

    [Theory]
    [InlineData(null, "must not be empty")]
    [InlineData("", "must not be empty")]
    [InlineData("a/**/b", "must come last")]
    [InlineData("a//*", "empty segment")]
    [InlineData("*/", "empty segment")]
    [InlineData("a*", "whole segments")]
    [InlineData("user/{user}/*", "Placeholders are for rules")]
    [InlineData("orders/42", "subscribe to the channel itself")]
    [InlineData("__keyspace@0__:*/*", "whole segments")]
    [InlineData("__x/*", "reserved")]
    [InlineData("mb:x/*", "reserved")]
    [InlineData("a?/*", "* ? [ ]")]
    [InlineData("[a]/*", "* ? [ ]")]
    [InlineData("a\r\nPUBLISH/*", "control characters")]
    public void What_is_no_such_pattern_is_refused_with_what_is_right(string? text, string right)
    {
        Assert.False(ChannelPattern.TryParseSubscription(text, '/', out var pattern, out var problem));
        Assert.Null(pattern);
        Assert.Contains(right, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_has_at_most_200_bytes()
    {
        Assert.True(ChannelPattern.TryParseSubscription(new string('a', 198) + "/*", '/', out _, out _));
        Assert.False(ChannelPattern.TryParseSubscription(new string('a', 199) + "/*", '/', out _, out var problem));
        Assert.Contains("200 bytes", problem, StringComparison.Ordinal);
        Assert.False(ChannelPattern.TryParseSubscription(new string('é', 100) + "/*", '/', out _, out _));
        Assert.False(ChannelPattern.TryParseSubscription(new string('*', 1_000_000), '/', out _, out _));
    }

    [Theory]
    [InlineData(':', "orders:42")]
    [InlineData('.', "orders.42")]
    [InlineData('/', "orders/42")]
    public void Each_separator_divides_rules_rights_automatic_channels_and_placeholders(char separator, string channel)
    {
        string With(string pattern) => pattern.Replace('/', separator);
        var options = new MessageBusOptions { ChannelSeparator = separator };
        options.Channels.Add(new ChannelRule { Pattern = With("orders/*"), Subscribe = "authenticated" });
        options.Channels.Add(new ChannelRule { Pattern = $"{With("tenant/")}{{claim:http://example.com/claims:tenant.id}}{With("/*")}", Subscribe = "user" });
        options.AutoSubscribe.Add(With("user/{user}"));
        var policy = AccessPolicy.Read(options, new List<string>());
        var caller = Callers.User("42", $"mb.sub={With("chat/**")}", "http://example.com/claims:tenant.id=blue");

        bool? May(string name) => policy.Decide(ChannelOperation.Subscribe, ChannelName.Parse(With(name)), caller);

        Assert.True(policy.Decide(ChannelOperation.Subscribe, ChannelName.Parse(channel), caller));
        Assert.True(May("chat/a/b"));
        Assert.True(May("user/42"));
        Assert.True(May("tenant/blue/x"));
        Assert.Null(May("orders"));
        Assert.Null(May("orders/42/lines"));
        Assert.Null(May("tenant/red/x"));
        Assert.Equal([With("user/42")], policy.AutomaticChannels(caller).Select(one => one.Value));

        // The signs of the other separators are ordinary characters.
        var other = separator is '/' ? ':' : '/';
        Assert.Null(policy.Decide(ChannelOperation.Subscribe, ChannelName.Parse($"orders{other}42"), caller));
        Assert.True(policy.Decide(ChannelOperation.Subscribe, ChannelName.Parse($"{With("orders/")}a{other}b"), caller));
        Assert.Empty(policy.AutomaticChannels(Callers.User(With("a/b"))));
    }

    [Theory]
    [InlineData("mb:*")]
    [InlineData("mb:x:**")]
    [InlineData("__keyspace@0__:*")]
    [InlineData("__x")]
    public void Reserved_channels_are_reserved_with_the_colon_too(string text)
    {
        Assert.False(ChannelPattern.TryParse(text, ':', out _, out var problem));
        Assert.Contains("reserved", problem, StringComparison.Ordinal);
    }
}
