namespace MessageBus.Protocol;

/// <summary>One message of a client, as the command reader understood it. <paramref name="Id"/> is null where the client wants no reply.</summary>
internal abstract record Command(int? Id);

/// <summary>The first message of a connection, with the channels it wants from the start.</summary>
internal sealed record ConnectCommand(int? Id, string? Token, IReadOnlyList<RequestedSubscription> Subscriptions) : Command(Id)
{
    /// <summary>A record prints what it holds; this one not its token.</summary>
    public override string ToString() => nameof(ConnectCommand);
}

/// <summary>A channel of a connect command as written, which may turn out not to be a channel name.</summary>
internal readonly record struct RequestedSubscription(string Channel);

internal sealed record SubscribeCommand(int? Id, ChannelName Channel) : Command(Id);

internal sealed record UnsubscribeCommand(int? Id, ChannelName Channel) : Command(Id);

/// <summary><paramref name="Payload"/> is exactly what goes to the broker; it is the command's own memory.</summary>
internal sealed record PublishCommand(int? Id, ChannelName Channel, byte[] Payload) : Command(Id);

/// <summary>A new token in place of the one that the connection was opened or refreshed with.</summary>
internal sealed record RefreshCommand(int? Id, string Token) : Command(Id)
{
    /// <summary>A record prints what it holds; this one not its token.</summary>
    public override string ToString() => nameof(RefreshCommand);
}

internal sealed record PongCommand(int? Id) : Command(Id);

/// <summary>A message that is JSON with a type, but not a command that can be carried out: answered by an error, the connection lives.</summary>
internal sealed record RefusedCommand(int? Id, ErrorCode Code, string Message) : Command(Id);

/// <summary>Not a JSON object with a type: the connection is closed with <see cref="CloseReason.BadMessage"/>.</summary>
internal sealed record MalformedMessage() : Command(Id: null);
