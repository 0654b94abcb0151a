namespace MessageBus.Protocol;

/// <summary>One message of a client, as the command reader understood it. <paramref name="Id"/> is null where the client wants no reply.</summary>
internal abstract record Command(int? Id)
{
    /// <summary>It has no reply, or gives something back: beyond the rate it is better carried out than refused.</summary>
    public virtual bool IsExemptFromRate => false;

    /// <summary>The channel that an error names which is about any command of this kind, such as one of the rate.</summary>
    public virtual ChannelName? ErrorChannel => null;
}

/// <summary>
/// What makes a record a command of the protocol: its type, and how it is read. A command has three places: this record with its reply, its handler, and its
/// row in PROTOCOL.md with its vectors.
/// </summary>
internal interface ICommand
{
    /// <summary>The <c>type</c> on the wire, and in metrics.</summary>
    static abstract string Type { get; }

    /// <summary>The command, or an <see cref="InvalidCommand"/>. Never throws.</summary>
    static abstract Command Read(int? id, JsonFields fields);
}

/// <summary>Reads the rest of a message whose <c>type</c> and <c>id</c> are known.</summary>
internal delegate Command ReadCommand(int? id, JsonFields fields);

/// <summary>A message that is JSON with a type, but not a command that can be carried out: answered by an error, the connection lives.</summary>
internal sealed record InvalidCommand(int? Id, CommandError Error) : Command(Id)
{
    /// <summary>In metrics, in place of a type.</summary>
    public const string Label = "invalid";

    public InvalidCommand(int? id, ErrorCode code, string message)
        : this(id, new CommandError(code, message))
    {
    }
}
