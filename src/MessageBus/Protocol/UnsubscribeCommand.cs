using System.Text.Json;

namespace MessageBus.Protocol;

/// <summary><c>unsubscribe [id] channel</c></summary>
internal sealed record UnsubscribeCommand(int? Id, ChannelName Channel) : Command(Id), ICommand
{
    public static string Type => "unsubscribe";

    public override bool IsExemptFromRate => true;

    public static Command Read(int? id, JsonFields fields) => fields.ReadChannel(id, out var channel) ?? (Command)new UnsubscribeCommand(id, channel);

    /// <summary><c>{"type":"unsubscribed","id":3,"channel":"orders/42"}</c></summary>
    public sealed record Reply(int? Id, ChannelName Channel) : ServerMessage("unsubscribed", Id)
    {
        protected override void WriteFields(Utf8JsonWriter json) => WriteChannel(json, Channel.Value);
    }
}
