namespace MessageBus.Redis.Recording;

/// <summary>
/// The names in Redis of what gateways with the same rules for history share. <paramref name="fingerprint"/> is part of every name, so that gateways with other
/// rules never share a log; as a hash tag it keeps the keys on one node. <paramref name="prefix"/> is what several applications on one Redis are told apart by.
/// </summary>
internal sealed class HistoryNames(string fingerprint, string prefix = "")
{
    /// <summary>Hash: <c>t</c> token of the recorder, <c>E</c> epoch, <c>n</c> counter of channel epochs.</summary>
    public string State { get; } = $"{prefix}mb:{{{fingerprint}}}:s";

    /// <summary>Channel of <c>took TOKEN COLD</c>, <c>echo MARK</c>, <c>tick</c>, <c>tick resign</c>, <c>warm ID</c>.</summary>
    public string Control { get; } = $"{prefix}mb:c:{fingerprint}";

    /// <summary>Channel of the marks by which a session gets in step.</summary>
    public string Marks { get; } = $"{prefix}mb:k:{fingerprint}";

    /// <summary>Channel that sessions in step subscribe to, so that its number of subscribers says whether there is one.</summary>
    public string InStep { get; } = $"{prefix}mb:r:{fingerprint}";

    /// <summary>The envelopes of a channel: <c>EPOCH OFFSET PAYLOAD</c>, or <c>- 0 PAYLOAD</c> for what is not recorded.</summary>
    public string EnvelopePrefix { get; } = $"{prefix}mb:h:{fingerprint}:";

    public string Prefix => prefix;

    public string Envelope(string channel) => EnvelopePrefix + channel;

    /// <summary>Hash of a channel: <c>E</c> epoch it was made under, <c>e</c> channel epoch, <c>o</c> last offset.</summary>
    public string Meta(string channel) => $"{prefix}mb:{{{fingerprint}}}:m:{channel}";

    /// <summary>List of a channel, oldest first: <c>MILLISECONDS:PAYLOAD</c>, or <c>MILLISECONDS!</c> where messages may be missing.</summary>
    public string Log(string channel) => $"{prefix}mb:{{{fingerprint}}}:x:{channel}";
}
