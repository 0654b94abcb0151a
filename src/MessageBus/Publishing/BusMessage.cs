using System.Text;
using System.Text.Json;

namespace MessageBus.Publishing;

/// <summary>What comes on a channel that the app is subscribed to.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Payload">The bytes as they were published; empty for a gap.</param>
/// <param name="IsGap">No message: messages may be missing here, so that the state is to be fetched again.</param>
public readonly record struct BusMessage(string Channel, ReadOnlyMemory<byte> Payload, bool IsGap = false)
{
    /// <summary>The payload as text.</summary>
    public string Text => Encoding.UTF8.GetString(Payload.Span);

    /// <summary>The payload, which is JSON.</summary>
    /// <exception cref="JsonException">It is not, or not of this type.</exception>
    public T? Json<T>(JsonSerializerOptions? options = null) => JsonSerializer.Deserialize<T>(Payload.Span, options ?? JsonSerializerOptions.Web);
}
