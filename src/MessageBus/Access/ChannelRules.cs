using MessageBus.Protocol;

namespace MessageBus.Access;

/// <summary>The ordered rules. The first whose pattern matches decides; where none matches, nothing is decided.</summary>
internal sealed class ChannelRules
{
    private readonly Rule[] _rules;

    private ChannelRules(Rule[] rules) => _rules = rules;

    public int Count => _rules.Length;

    /// <summary>Reads the rules. What is wrong with any of them is added to <paramref name="problems"/>, which names the rule.</summary>
    public static ChannelRules Read(IList<ChannelRule> rules, char separator, ICollection<string> problems) =>
        new([.. rules.Select((rule, index) => Read(rule, separator, $"{AccessPolicy.Section}:Channels:{index}", problems)).OfType<Rule>()]);

    /// <summary>Whether the caller may; null where no rule is about the channel.</summary>
    public bool? Decide(ChannelOperation operation, ChannelName channel, Caller caller)
    {
        foreach (var rule in _rules)
        {
            if (rule.Pattern.Matches(channel, caller))
            {
                return (operation is ChannelOperation.Subscribe ? rule.Subscribe : rule.Publish).Admits(caller);
            }
        }

        return null;
    }

    /// <summary>
    /// Whether the caller may subscribe to all of the pattern; null where no rule covers it. The first rule that covers it decides, unless one before it is
    /// about some of its channels and does not admit the caller.
    /// </summary>
    public bool? Decide(ChannelPattern subscription, Caller caller)
    {
        foreach (var rule in _rules)
        {
            var isAdmitted = rule.Subscribe.Admits(caller);
            if (rule.Pattern.Covers(subscription, caller))
            {
                return isAdmitted;
            }

            if (!isAdmitted && rule.Pattern.Overlaps(subscription, caller))
            {
                return false;
            }
        }

        return null;
    }

    private static Rule? Read(ChannelRule rule, char separator, string key, ICollection<string> problems)
    {
        if (!ChannelPattern.TryParse(rule.Pattern, separator, out var pattern, out var problem))
        {
            problems.Add($"'{key}:Pattern' is '{rule.Pattern}'. {problem}");
            return null;
        }

        if (!Audience.TryParse(rule.Subscribe, pattern, out var subscribe, out problem))
        {
            problems.Add($"'{key}:Subscribe' is '{rule.Subscribe}'. {problem}");
        }

        if (!Audience.TryParse(rule.Publish, pattern, out var publish, out problem))
        {
            problems.Add($"'{key}:Publish' is '{rule.Publish}'. {problem}");
        }

        return subscribe is null || publish is null ? null : new Rule(pattern, subscribe, publish);
    }

    private sealed record Rule(ChannelPattern Pattern, Audience Subscribe, Audience Publish);
}
