using System.Diagnostics;
using System.Text;
using MessageBus.EmbeddedRedis.PubSub;

namespace MessageBus.UnitTests.EmbeddedRedis;

/// <summary>The expectations are what redis-server 7.0.15 does; the integration tests compare thousands more with it.</summary>
public sealed class GlobPatternTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a", "a")]
    [InlineData("*", "a")]
    [InlineData("**", "abc")]
    [InlineData("a*", "a")]
    [InlineData("a**", "a")]
    [InlineData("*c", "abc")]
    [InlineData("a*b*c", "aXbYbZc")]
    [InlineData("h?llo", "hello")]
    [InlineData("h[ae]llo", "hallo")]
    [InlineData("h[^e]llo", "hallo")]
    [InlineData("h[a-b]llo", "hbllo")]
    [InlineData("h[b-a]llo", "hallo")]
    [InlineData("[a\\]]", "]")]
    [InlineData("[\\a]", "a")]
    [InlineData("[ab", "b")]
    [InlineData("[^", "x")]
    [InlineData("\\*", "*")]
    [InlineData("a\\", "a\\")]
    [InlineData("[a-\xff]", "\x05")]
    [InlineData("?", "\xff")]
    public void It_matches(string pattern, string text)
    {
        var matches = GlobPattern.Matches(Encoding.Latin1.GetBytes(pattern), Encoding.Latin1.GetBytes(text));

        Assert.True(matches);
    }

    [Theory]
    [InlineData("*", "")]
    [InlineData("", "a")]
    [InlineData("a", "b")]
    [InlineData("a", "aa")]
    [InlineData("aa", "a")]
    [InlineData("?", "")]
    [InlineData("*a*b", "aXa")]
    [InlineData("h[^e]llo", "hello")]
    [InlineData("h[a-b]llo", "hcllo")]
    [InlineData("[]", "a")]
    [InlineData("[", "[")]
    [InlineData("\\*", "a")]
    [InlineData("A", "a")]
    [InlineData("a*?", "a")]
    public void It_does_not_match(string pattern, string text)
    {
        var matches = GlobPattern.Matches(Encoding.Latin1.GetBytes(pattern), Encoding.Latin1.GetBytes(text));

        Assert.False(matches);
    }

    [Fact]
    public void Many_stars_do_not_cost_exponential_time()
    {
        var pattern = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("a*", 100)) + "b");
        var text = Encoding.ASCII.GetBytes(new string('a', 10_000));

        var matching = Stopwatch.StartNew();
        var matches = GlobPattern.Matches(pattern, text);

        Assert.False(matches);
        Assert.True(matching.Elapsed < TimeSpan.FromSeconds(5));
    }
}
