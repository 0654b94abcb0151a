using System.Security.Cryptography;
using System.Text;

namespace MessageBus.Redis.Recording;

/// <summary>Which channels are recorded: for each channel the first rule whose pattern matches decides, as it does for rights.</summary>
internal sealed class RecordedChannels
{
    // Looking a channel up asks one rule after the other, and a busy channel is looked up for each message.
    private const int MaxRemembered = 10_000;

    private readonly RecordedPattern[] _rules;
    private readonly Dictionary<string, RecordedPattern?> _decided = [];

    public RecordedChannels(IEnumerable<RecordedPattern> rules)
    {
        _rules = [.. rules];
        Fingerprint = FingerprintOf(_rules);
    }

    public bool IsEmpty => !Array.Exists(_rules, rule => rule.Bounds is not null);

    /// <summary>What gateways must agree on to share a log: which channels have history, not how much of them is kept.</summary>
    public string Fingerprint { get; }

    /// <summary>What to PSUBSCRIBE, each once.</summary>
    public IEnumerable<string> Globs => Subscribed(isLiteral: false);

    /// <summary>What to SUBSCRIBE, each once.</summary>
    public IEnumerable<string> Names => Subscribed(isLiteral: true);

    /// <summary>
    /// The bounds of the channel, where its message came by the subscription of the rule that decides: overlapping subscriptions each bring a copy.
    /// Only for one thread.
    /// </summary>
    public HistoryBounds? Find(string channel, string subscription)
    {
        var rule = Decide(channel);
        return rule?.Bounds is { } bounds && rule.Glob == subscription ? bounds : null;
    }

    private RecordedPattern? Decide(string channel)
    {
        if (!_decided.TryGetValue(channel, out var rule))
        {
            if (_decided.Count >= MaxRemembered)
            {
                _decided.Clear();
            }

            rule = Array.Find(_rules, candidate => candidate.Matches(channel));
            _decided.Add(channel, rule);
        }

        return rule;
    }

    private IEnumerable<string> Subscribed(bool isLiteral) =>
        _rules.Where(rule => rule.Bounds is not null && rule.IsLiteral == isLiteral).Select(rule => rule.Glob).Distinct();

    private static string FingerprintOf(RecordedPattern[] rules)
    {
        var last = Array.FindLastIndex(rules, rule => rule.Bounds is not null);
        var list = string.Concat(rules[..(last + 1)].Select(rule => $"{rule.Pattern}\n{(rule.Bounds is null ? 0 : 1)}\n"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(list)))[..8];
    }
}
