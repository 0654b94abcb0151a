using MessageBus.Access;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Access;

public sealed class ChannelPatternTests
{
    private static readonly Caller User42 = Callers.User("42", "groups=staff", "groups=night", "http://example.com/claims/tenant=blue");

    [Theory]
    [InlineData("news", "news")]
    [InlineData("news/sport", "news/sport")]
    [InlineData("news/*", "news/sport")]
    [InlineData("*/sport", "news/sport")]
    [InlineData("*", "news")]
    [InlineData("**", "news")]
    [InlineData("**", "news/sport/today")]
    [InlineData("**", "/")]
    [InlineData("news/**", "news/sport")]
    [InlineData("news/**", "news/sport/today")]
    [InlineData("news/*/**", "news/sport/today")]
    [InlineData("user/{user}", "user/42")]
    [InlineData("user/{user}/**", "user/42/mail/1")]
    [InlineData("{user}", "42")]
    [InlineData("group/{claim:groups}", "group/staff")]
    [InlineData("group/{claim:groups}", "group/night")]
    [InlineData("{claim:groups}/{user}", "night/42")]
    [InlineData("tenant/{claim:http://example.com/claims/tenant}/news", "tenant/blue/news")]
    [InlineData("café/🚌", "café/🚌")]
    public void A_pattern_matches_its_channels(string pattern, string channel)
    {
        Assert.True(Parse(pattern).Matches(ChannelName.Parse(channel), User42));
    }

    [Theory]
    [InlineData("news", "News")]
    [InlineData("news", "news/sport")]
    [InlineData("news", "new")]
    [InlineData("news/sport", "news")]
    [InlineData("news/*", "news")]
    [InlineData("news/*", "news/")]
    [InlineData("news/*", "news/sport/today")]
    [InlineData("news/*", "newsletter/sport")]
    [InlineData("*", "news/sport")]
    [InlineData("*", "/")]
    [InlineData("news/**", "news")]
    [InlineData("news/**", "news/")]
    [InlineData("news/**", "newsletter/sport")]
    [InlineData("news/**", "/news/sport")]
    [InlineData("news/*/**", "news/sport")]
    [InlineData("user/{user}", "user/43")]
    [InlineData("user/{user}", "user/4")]
    [InlineData("user/{user}", "user/421")]
    [InlineData("user/{user}", "user/{user}")]
    [InlineData("user/{user}", "user/42/mail")]
    [InlineData("user/{user}", "user/")]
    [InlineData("group/{claim:groups}", "group/staffnight")]
    [InlineData("group/{claim:groups}", "group/admin")]
    [InlineData("group/{claim:Groups}", "group/staff")]
    public void A_pattern_matches_no_other_channels(string pattern, string channel)
    {
        Assert.False(Parse(pattern).Matches(ChannelName.Parse(channel), User42));
    }

    [Theory]
    [InlineData("*", "user/7")]
    [InlineData("**", "user/7")]
    [InlineData("7/mail", "user/7/mail")]
    [InlineData("", "user/")]
    [InlineData("../7", "user/../7")]
    [InlineData("{user}", "user/7")]
    public void A_user_name_never_becomes_part_of_a_pattern(string user, string channel)
    {
        var caller = Callers.User(user, $"groups={user}");

        Assert.False(Parse("user/{user}").Matches(ChannelName.Parse(channel), caller));
        Assert.False(Parse("user/{claim:groups}").Matches(ChannelName.Parse(channel), caller));
    }

    [Fact]
    public void Placeholders_match_nothing_for_a_caller_who_has_no_such_value()
    {
        Assert.False(Parse("user/{user}").Matches(ChannelName.Parse("user/42"), Caller.Anonymous));
        Assert.False(Parse("group/{claim:groups}").Matches(ChannelName.Parse("group/staff"), Caller.Anonymous));
        Assert.False(Parse("user/{user}").Matches(ChannelName.Parse("user/42"), Callers.User(null, "groups=staff")));
    }

    [Theory]
    [InlineData(null, "must not be empty")]
    [InlineData("", "must not be empty")]
    [InlineData("a//b", "empty segment")]
    [InlineData("/a", "empty segment")]
    [InlineData("a/", "empty segment")]
    [InlineData("a/**/b", "must come last")]
    [InlineData("a*", "whole segments")]
    [InlineData("a/***", "whole segments")]
    [InlineData("a/x**", "whole segments")]
    [InlineData("user/{usr}", "'{usr}' is no placeholder")]
    [InlineData("user/{User}", "'{User}' is no placeholder")]
    [InlineData("user/{user", "is no placeholder")]
    [InlineData("user/u-{user}", "whole segment")]
    [InlineData("user/{claim:}", "is no placeholder")]
    [InlineData("user/{claim:a", "is no placeholder")]
    [InlineData("{user}/{user}", "may stand once")]
    [InlineData("{claim:a}/x/{claim:a}", "may stand once")]
    [InlineData("a b", "white space")]
    [InlineData("a?", "patterns")]
    [InlineData("a\u200bb", "U+200B")]
    [InlineData("__keyspace@0__:x", "reserved")]
    [InlineData("__x/**", "reserved")]
    [InlineData("mb:x", "reserved")]
    public void What_is_no_pattern_is_refused_with_what_is_right(string? text, string right)
    {
        Assert.False(ChannelPattern.TryParse(text, out var pattern, out var problem));
        Assert.Null(pattern);
        Assert.Contains(right, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user/{user}", "user/42")]
    [InlineData("group/{claim:groups}", "group/staff group/night")]
    [InlineData("{claim:groups}/{user}", "staff/42 night/42")]
    [InlineData("news", "news")]
    [InlineData("x/{claim:nothing}", "")]
    public void A_pattern_stands_for_a_channel_for_each_value(string pattern, string channels)
    {
        Assert.Equal(channels, string.Join(' ', Parse(pattern).ChannelsOf(User42)));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a*")]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\r\nb")]
    [InlineData("\u200b")]
    public void A_value_that_is_no_segment_stands_for_no_channel(string value)
    {
        var caller = Callers.User(value, $"groups={value}", "groups=good");

        Assert.Empty(Parse("user/{user}").ChannelsOf(caller));
        Assert.Equal("group/good", string.Join(' ', Parse("group/{claim:groups}").ChannelsOf(caller)));
    }

    [Fact]
    public void A_value_cannot_reach_the_reserved_channels()
    {
        Assert.Empty(Parse("{user}").ChannelsOf(Callers.User("__sentinel__:hello")));
        Assert.Empty(Parse("{user}/x").ChannelsOf(Callers.User("mb:")));
    }

    private static ChannelPattern Parse(string text) =>
        ChannelPattern.TryParse(text, out var pattern, out var problem) ? pattern : throw new ArgumentException(problem);
}
