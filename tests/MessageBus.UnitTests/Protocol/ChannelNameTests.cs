using MessageBus.Protocol;

namespace MessageBus.UnitTests.Protocol;

public sealed class ChannelNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("visitor-management/arrival/42")]
    [InlineData("café/🚌")]
    [InlineData("\"quoted\" ")]
    [InlineData("'{}()<>&|;$#%^~`!@,.:=+-/")]
    public void Path_like_names_in_any_script_are_channel_names(string text)
    {
        var name = text.Trim();

        var isName = ChannelName.TryParse(name, out var channel, out var problem);

        Assert.True(isName, problem);
        Assert.Equal(name, channel.Value);
    }

    [Theory]
    [InlineData("_x")]
    [InlineData("_")]
    [InlineData("a__b")]
    [InlineData("mb")]
    [InlineData("mb/x")]
    [InlineData("MB:x")]
    [InlineData("a/mb:x")]
    [InlineData("а-in-cyrillic")]
    [InlineData("中文/频道")]
    [InlineData("ﾊﾝｶｸ")]
    [InlineData("हिन्दी")]
    [InlineData("cafe\u0301")]
    public void Names_close_to_forbidden_ones_and_names_in_any_script_are_allowed(string text)
    {
        Assert.True(ChannelName.TryParse(text, out _, out var problem), problem);
    }

    [Theory]
    [InlineData('*')]
    [InlineData('?')]
    [InlineData('[')]
    [InlineData(']')]
    [InlineData('\\')]
    public void Glob_characters_are_refused_wherever_they_stand(char glob)
    {
        AssertRefused($"{glob}", "patterns");
        AssertRefused($"{glob}orders", "patterns");
        AssertRefused($"or{glob}ders", "patterns");
        AssertRefused($"orders{glob}", "patterns");
    }

    [Fact]
    public void Every_control_character_is_refused()
    {
        var controls = Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7F, 0x21)).Select(code => (char)code);

        Assert.All(controls, control => AssertRefused($"or{control}ders", "control"));
    }

    [Theory]
    [InlineData(' ')]
    [InlineData('\u00a0')]
    [InlineData('\u1680')]
    [InlineData('\u2003')]
    [InlineData('\u2028')]
    [InlineData('\u2029')]
    [InlineData('\u202f')]
    [InlineData('\u205f')]
    [InlineData('\u3000')]
    public void White_space_is_refused_wherever_it_stands(char space)
    {
        AssertRefused($"{space}orders", "white space");
        AssertRefused($"or{space}ders", "white space");
        AssertRefused($"orders{space}", "white space");
    }

    [Theory]
    [InlineData(0x00AD)]
    [InlineData(0x034F)]
    [InlineData(0x061C)]
    [InlineData(0x115F)]
    [InlineData(0x180E)]
    [InlineData(0x200B)]
    [InlineData(0x200C)]
    [InlineData(0x200D)]
    [InlineData(0x200E)]
    [InlineData(0x202E)]
    [InlineData(0x2060)]
    [InlineData(0x2066)]
    [InlineData(0x2800)]
    [InlineData(0x3164)]
    [InlineData(0xFE0F)]
    [InlineData(0xFEFF)]
    [InlineData(0xFFA0)]
    [InlineData(0xE0001)]
    [InlineData(0xE0061)]
    [InlineData(0xE0100)]
    public void What_cannot_be_seen_is_refused_wherever_it_stands(int codePoint)
    {
        var character = char.ConvertFromUtf32(codePoint);

        AssertRefused($"{character}orders", "cannot be seen");
        AssertRefused($"or{character}ders", $"U+{codePoint:X4}");
        AssertRefused($"orders{character}", "cannot be seen");
    }

    [Theory]
    [InlineData("orders/＊")]
    [InlineData("orders/∗")]
    [InlineData("orders/⁎")]
    [InlineData("orders/？")]
    [InlineData("orders/［42］")]
    [InlineData("orders＼42")]
    [InlineData("orders∖42")]
    [InlineData("orders∕42")]
    [InlineData("orders⁄42")]
    [InlineData("orders／42")]
    [InlineData("＿＿keyspace")]
    [InlineData("mb：x")]
    [InlineData("mb∶x")]
    [InlineData("mb꞉x")]
    [InlineData("ｍb:x")]
    public void Signs_that_only_look_like_those_that_structure_a_name_are_refused(string text)
    {
        AssertRefused(text, "looks like");
    }

    [Theory]
    [InlineData("__")]
    [InlineData("__keyspace@0__:x")]
    [InlineData("__sentinel__:hello")]
    [InlineData("__Booksleeve_MasterChanged")]
    [InlineData("mb:")]
    [InlineData("mb:x")]
    public void Reserved_prefixes_are_refused(string text)
    {
        AssertRefused(text, "reserved");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void No_name_is_refused(string? text)
    {
        AssertRefused(text, "empty");
    }

    [Theory]
    [InlineData("a", 200)]
    [InlineData("é", 100)]
    [InlineData("中", 66)]
    [InlineData("🚌", 50)]
    public void Names_of_up_to_200_bytes_are_allowed_and_longer_ones_refused(string character, int most)
    {
        var longest = string.Concat(Enumerable.Repeat(character, most));

        Assert.True(ChannelName.TryParse(longest, out _, out var problem), problem);
        AssertRefused(longest + character, "200 bytes");
    }

    [Fact]
    public void Name_of_201_bytes_is_refused_though_it_has_fewer_characters()
    {
        AssertRefused(string.Concat(Enumerable.Repeat("é", 100)) + "a", "200 bytes");
    }

    [Fact]
    public void Lone_surrogates_are_refused()
    {
        Assert.All(new[] { 0xD800, 0xDBFF, 0xDC00, 0xDFFF }, code => AssertRefused("a" + (char)code, "valid Unicode"));
        AssertRefused(new string([(char)0xD83D, 'a', (char)0xDE8C]), "valid Unicode");
    }

    [Fact]
    public void Replacement_character_is_refused_because_bytes_that_are_not_UTF_8_become_it()
    {
        AssertRefused("a\ufffd", "U+FFFD");
    }

    [Fact]
    public void Names_are_equal_only_if_every_character_is()
    {
        var name = ChannelName.Parse("orders/42");

        Assert.True(name == ChannelName.Parse("orders/42"));
        Assert.Equal(name.GetHashCode(), ChannelName.Parse("orders/42").GetHashCode());
        Assert.True(name != ChannelName.Parse("Orders/42"));
        Assert.True(ChannelName.Parse("caf\u00e9") != ChannelName.Parse("cafe\u0301"));
    }

    [Fact]
    public void Parse_says_what_is_wrong()
    {
        var exception = Assert.Throws<ArgumentException>(() => ChannelName.Parse("a*"));

        Assert.Contains("patterns", exception.Message, StringComparison.Ordinal);
    }

    private static void AssertRefused(string? text, string why)
    {
        Assert.False(ChannelName.TryParse(text, out var channel, out var problem));
        Assert.Equal("", channel.Value);
        Assert.Contains(why, problem, StringComparison.Ordinal);
    }
}
