using MessageBus.Protocol;

namespace MessageBus.Access;

/// <summary>Everything about access that can change while the gateway runs. Made as a whole and replaced as a whole; never changed.</summary>
internal sealed class AccessPolicy
{
    /// <summary>The configuration section that the keys in messages begin with.</summary>
    public const string Section = "MessageBus";

    private readonly ChannelRules _rules;
    private readonly ChannelPattern[] _autoSubscribe;

    private AccessPolicy(char separator, ChannelRules rules, ChannelPattern[] autoSubscribe, AllowedOrigins origins, ApiKeys keys)
    {
        Separator = separator;
        _rules = rules;
        _autoSubscribe = autoSubscribe;
        Origins = origins;
        ApiKeys = keys;
    }

    public bool HasRules => RuleCount > 0;

    public int RuleCount => _rules.Count;

    /// <summary>What divides a channel's name into segments. It is the same for as long as the gateway runs.</summary>
    public char Separator { get; }

    public AllowedOrigins Origins { get; }

    public ApiKeys ApiKeys { get; }

    /// <summary>The policy that the options ask for. It is whole only where <paramref name="problems"/> stays empty.</summary>
    public static AccessPolicy Read(AccessOptions options, ICollection<string> problems) => new(
        options.ChannelSeparator,
        ChannelRules.Read(options.Channels, options.ChannelSeparator, problems),
        [.. options.AutoSubscribe.Select((text, index) => ReadAutoSubscribe(text, options.ChannelSeparator, $"{Section}:AutoSubscribe:{index}", problems)).OfType<ChannelPattern>()],
        AllowedOrigins.Read(options.AllowedOrigins, $"{Section}:AllowedOrigins", problems),
        ApiKeys.Read(options.ApiKeys, $"{Section}:ApiKeys", problems));

    /// <summary>Whether the caller may; null where nothing here is about the channel. A right in the token comes first, then an automatic subscription, then the rules.</summary>
    public bool? Decide(ChannelOperation operation, ChannelName channel, Caller caller) =>
        caller.IsGranted(operation, channel, Separator) || (operation is ChannelOperation.Subscribe && IsAutomatic(channel, caller))
            ? true
            : _rules.Decide(operation, channel, caller);

    /// <summary>
    /// Whether the caller may subscribe to all channels of the pattern, by inclusion; null where nothing here covers it. In the order of the other:
    /// one right in the token, one automatic subscription, one rule.
    /// </summary>
    public bool? Decide(ChannelPattern subscription, Caller caller) =>
        caller.IsGranted(subscription, Separator) || Array.Exists(_autoSubscribe, pattern => pattern.Covers(subscription, caller))
            ? true
            : _rules.Decide(subscription, caller);

    /// <summary>The channels that a connection of this caller is subscribed to without asking.</summary>
    public IEnumerable<ChannelName> AutomaticChannels(Caller caller) => _autoSubscribe.SelectMany(pattern => pattern.ChannelsOf(caller)).Distinct();

    private bool IsAutomatic(ChannelName channel, Caller caller)
    {
        foreach (var pattern in _autoSubscribe)
        {
            if (pattern.Matches(channel, caller))
            {
                return true;
            }
        }

        return false;
    }

    private static ChannelPattern? ReadAutoSubscribe(string? text, char separator, string key, ICollection<string> problems)
    {
        if (!ChannelPattern.TryParse(text, separator, out var pattern, out var problem))
        {
            problems.Add($"'{key}' is '{text}'. {problem}");
        }
        else if (pattern.HasWildcards)
        {
            problems.Add($"'{key}' is '{text}'. A connection is subscribed to channels, not to patterns: '*' and '**' cannot stand here, placeholders can.");
            return null;
        }

        return pattern;
    }
}
