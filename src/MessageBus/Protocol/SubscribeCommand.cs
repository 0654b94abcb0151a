using System.Text.Json;

namespace MessageBus.Protocol;

/// <summary><c>subscribe [id] channel</c></summary>
internal sealed record SubscribeCommand(int? Id, ChannelName Channel) : Command(Id), ICommand
{
    public static string Type => "subscribe";

    public override ChannelName? ErrorChannel => Channel;

    public static Command Read(int? id, JsonFields fields) => fields.ReadChannel(id, out var channel) ?? (Command)new SubscribeCommand(id, channel);

    /// <summary><c>{"type":"subscribed","id":2,"channel":"orders/42"}</c>, without <c>id</c> for a subscription of <c>connect</c>.</summary>
    public sealed record Reply(int? Id, ChannelName Channel) : ServerMessage("subscribed", Id)
    {
        protected override void WriteFields(Utf8JsonWriter json) => WriteChannel(json, Channel.Value);
    }
}
