using System.Text.Json;

namespace MessageBus.Protocol;

/// <summary>
/// What <c>connected</c> tells a client about how much it may send, so that it can pace itself:
/// <c>"limits":{"commands":200,"commandBurst":400,"publishes":100,"subscribes":10,"subscriptions":128}</c>.
/// </summary>
/// <param name="Commands">A second, in the long run.</param>
/// <param name="CommandBurst">At once, after a pause.</param>
/// <param name="Publishes">A second, and as many at once.</param>
/// <param name="Subscribes">A second, in the long run.</param>
/// <param name="Subscriptions">At the same time; as many <c>subscribe</c> may come at once.</param>
internal sealed record CommandLimits(int Commands, int CommandBurst, int Publishes, int Subscribes, int Subscriptions)
{
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("limits"u8);
        json.WriteNumber("commands"u8, Commands);
        json.WriteNumber("commandBurst"u8, CommandBurst);
        json.WriteNumber("publishes"u8, Publishes);
        json.WriteNumber("subscribes"u8, Subscribes);
        json.WriteNumber("subscriptions"u8, Subscriptions);
        json.WriteEndObject();
    }
}
