namespace MessageBus.Protocol;

/// <summary><c>subscribe [id] channel</c></summary>
internal sealed record SubscribeCommand(int? Id, ChannelName Channel) : Command(Id), ICommand
{
    public static string Type => "subscribe";

    public override ChannelName? ErrorChannel => Channel;

    public static Command Read(int? id, JsonFields fields) => fields.ReadChannel(id, out var channel) ?? (Command)new SubscribeCommand(id, channel);

    /// <summary><c>{"type":"subscribed","id":2,"channel":"orders/42"}</c>, without <c>id</c> for a subscription of <c>connect</c>.</summary>
    public static byte[] Reply(int? id, ChannelName channel) =>
        ServerMessage.Write("subscribed", id, json => json.WriteString("channel"u8, channel.Value));
}
