using System.Security.Claims;
using System.Text.Json;
using MessageBus.Protocol;

namespace MessageBus.Access;

/// <summary>
/// The rights in a token: the claims <c>mb.sub</c> and <c>mb.pub</c>, each with one pattern, or with a JSON array of patterns as a token writes it.
/// What is no pattern grants nothing.
/// </summary>
internal sealed class GrantedChannels
{
    private const string SubscribeClaim = "mb.sub";
    private const string PublishClaim = "mb.pub";

    private static readonly GrantedChannels Nothing = new([], []);

    private readonly ChannelPattern[] _subscribe;
    private readonly ChannelPattern[] _publish;

    private GrantedChannels(ChannelPattern[] subscribe, ChannelPattern[] publish)
    {
        _subscribe = subscribe;
        _publish = publish;
    }

    public static GrantedChannels Of(Claim[] claims, char separator)
    {
        var subscribe = Patterns(claims, SubscribeClaim, separator);
        var publish = Patterns(claims, PublishClaim, separator);
        return subscribe.Length is 0 && publish.Length is 0 ? Nothing : new GrantedChannels(subscribe, publish);
    }

    public bool Covers(ChannelOperation operation, ChannelName channel, Caller caller)
    {
        foreach (var pattern in operation is ChannelOperation.Subscribe ? _subscribe : _publish)
        {
            if (pattern.Matches(channel, caller))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether one of the patterns to subscribe to covers all of this one.</summary>
    public bool Covers(ChannelPattern subscription, Caller caller) => Array.Exists(_subscribe, pattern => pattern.Covers(subscription, caller));

    private static ChannelPattern[] Patterns(Claim[] claims, string type, char separator) =>
        [.. claims.Where(claim => claim.Type == type).SelectMany(claim => TextsIn(claim.Value)).Select(text => Parse(text, separator)).OfType<ChannelPattern>()];

    private static ChannelPattern? Parse(string? text, char separator) => ChannelPattern.TryParse(text, separator, out var pattern, out _) ? pattern : null;

    /// <summary>A pattern never begins with a bracket, which no channel name has.</summary>
    private static string?[] TextsIn(string value)
    {
        if (!value.StartsWith('['))
        {
            return [value];
        }

        try
        {
            return JsonSerializer.Deserialize<string?[]>(value) ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
