namespace MessageBus.Access;

/// <summary>What a caller wants to do on a channel.</summary>
public enum ChannelOperation
{
    /// <summary>Receive its publications.</summary>
    Subscribe,

    /// <summary>Send a publication to it.</summary>
    Publish,
}
