using FsCheck;
using FsCheck.Fluent;
using MessageBus.Access;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Access;

/// <summary>Whatever stands in a claim: it opens no channel outside of its own segment.</summary>
public sealed class ClaimPropertyTests
{
    // Short, so that values, channels and patterns meet often; with everything that could break out of a segment.
    private static readonly string[] Pieces = ["a", "b", "/", "*", "**", "{user}", "{claim:g}", ".", "..", "", "%2f", "\\", "?", "[ab]", " ", "\u200b", "∕", "__", "mb:", "\0"];

    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(20_000);

    private static readonly Gen<string> AnyText = Gen.Elements(Pieces).ListOf().Resize(5).Select(string.Concat);

    private static readonly Gen<string> Hostile = Gen.OneOf(AnyText, ArbMap.Default.GeneratorFor<string>().Select(text => text ?? ""));

    private static readonly Gen<ChannelName> Channels =
        from segments in Gen.Elements("a", "b", "user", "{user}", ".", "%2f", "").NonEmptyListOf().Resize(5)
        let text = string.Join('/', segments)
        where ChannelName.TryParse(text, out _, out _)
        select ChannelName.Parse(text);

    [Fact]
    public void A_value_opens_only_channels_with_that_very_segment()
    {
        var cases = from value in Hostile from channel in Channels select (value, channel);

        Prop.ForAll(cases.ToArbitrary(), one => new[] { "user/{user}", "user/{user}/**", "user/{claim:g}/b", "{user}/a", "{claim:g}/**" }.All(pattern =>
            !Parse(pattern).Matches(one.channel, Hostile42(one.value)) || SegmentAt(one.channel, pattern.StartsWith('{') ? 0 : 1) == one.value)).Check(Runs);
    }

    [Fact]
    public void A_channel_of_a_value_is_the_pattern_with_that_segment_and_nothing_else()
    {
        Prop.ForAll(Hostile.ToArbitrary(), value =>
        {
            var channels = Parse("user/{user}/b").ChannelsOf(Hostile42(value)).Concat(Parse("user/{claim:g}/b").ChannelsOf(Hostile42(value)));
            return channels.All(channel => channel.Value.Split('/') is ["user", var segment, "b"] && segment == value);
        }).Check(Runs);
    }

    [Fact]
    public void Rules_give_a_user_no_channel_of_another()
    {
        var rules = ChannelRules.Read([new ChannelRule { Pattern = "user/{user}/**", Subscribe = "user", Publish = "user" }, new ChannelRule { Pattern = "group/{claim:g}", Subscribe = "user" }], '/', new List<string>());

        Prop.ForAll(Hostile.ToArbitrary(), value =>
        {
            // The one channel that the value may reach is spelt with it.
            var caller = Hostile42(value);
            return (value is "victim" || new[] { "user/victim/a", "user/victim/a/b", "group/victim", "user/victim" }.All(Refused))
                && Refused("group/victim/a");

            bool Refused(string channel) => rules.Decide(ChannelOperation.Subscribe, ChannelName.Parse(channel), caller) is not true;
        }).Check(Runs);
    }

    [Fact]
    public void Matching_is_what_the_segments_say()
    {
        // The definition of the grammar, by lists in place of spans.
        var segment = Gen.Elements("a", "b", "user", "*", "{user}", "{claim:g}");
        var patterns =
            from segments in segment.NonEmptyListOf().Resize(4)
            from isOpen in Gen.Elements(true, false)
            let text = string.Join('/', isOpen ? segments.Append("**") : segments)
            where ChannelPattern.TryParse(text, out _, out _)
            select text;
        var cases = from pattern in patterns from channel in Channels select (pattern, channel);

        Prop.ForAll(cases.ToArbitrary(), one => Parse(one.pattern).Matches(one.channel, Callers.User("a", "g=a", "g=b")) == Expected(one.pattern.Split('/'), one.channel.Value.Split('/')))
            .Check(Runs);

        static bool Expected(string[] pattern, string[] channel) => (pattern, channel) switch
        {
            ([], []) => true,
            (["**"], [_, ..]) => channel is not [""],
            ([var first, .. var others], [var name, .. var rest]) => name.Length > 0 && Accepts(first, name) && Expected(others, rest),
            _ => false,
        };

        static bool Accepts(string first, string name) => first switch
        {
            "*" => true,
            "{user}" => name is "a",
            "{claim:g}" => name is "a" or "b",
            _ => first == name,
        };
    }

    private static Caller Hostile42(string value) => Callers.User(value, $"g={value}");

    private static string SegmentAt(ChannelName channel, int index) => channel.Value.Split('/')[index];

    private static ChannelPattern Parse(string text) =>
        ChannelPattern.TryParse(text, out var pattern, out var problem) ? pattern : throw new ArgumentException(problem);
}
