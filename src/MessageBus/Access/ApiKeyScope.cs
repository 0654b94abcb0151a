namespace MessageBus.Access;

/// <summary>What an API key is good for. None includes another.</summary>
public enum ApiKeyScope
{
    /// <summary>Publishes on every channel, whatever the rules say.</summary>
    Publish,

    /// <summary>Sees channels and connections.</summary>
    Read,

    /// <summary>Disconnects connections and users.</summary>
    Admin,
}
