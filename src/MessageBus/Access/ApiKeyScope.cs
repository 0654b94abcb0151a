namespace MessageBus.Access;

/// <summary>What an API key is good for. None includes another.</summary>
public enum ApiKeyScope
{
    /// <summary>Publishes on every channel, whatever the rules say.</summary>
    Publish,

    /// <summary>Sees gateways, channels and connections.</summary>
    Read,

    /// <summary>Disconnects connections and users, looks at what comes on a channel, and fetches the gateway's metrics.</summary>
    Admin,
}
