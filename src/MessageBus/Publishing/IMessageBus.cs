using System.Text.Json;

namespace MessageBus.Publishing;

/// <summary>
/// The bus for the code of the app itself: what it publishes reaches every subscribed browser and every <c>SUBSCRIBE</c> at Redis, and it hears what they
/// publish. The app is trusted: rules for channels are for clients. All members may be called from any thread.
/// </summary>
public interface IMessageBus
{
    /// <summary>Publishes text, as UTF-8. Returns once the broker has it.</summary>
    /// <exception cref="ArgumentException"><paramref name="channel"/> is no channel name, or the payload is longer than <c>Limits:MaxPayloadBytes</c>.</exception>
    /// <exception cref="BusUnavailableException">The broker cannot be reached. The publication may or may not have passed.</exception>
    Task PublishAsync(string channel, string payload, CancellationToken cancellationToken = default);

    /// <summary>Publishes bytes as they are.</summary>
    /// <inheritdoc cref="PublishAsync(string, string, CancellationToken)"/>
    Task PublishAsync(string channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default);

    /// <summary>Publishes a value as JSON, with the names of web APIs (<see cref="JsonSerializerOptions.Web"/>) unless other options are given.</summary>
    /// <inheritdoc cref="PublishAsync(string, string, CancellationToken)"/>
    Task PublishJsonAsync<T>(string channel, T value, JsonSerializerOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// The channel's messages from now on, in order, until <paramref name="cancellationToken"/> is cancelled or the app stops. At most 1,024 wait for a reader
    /// that is slow; further ones are dropped, and a gap stands in their place.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="channel"/> is no channel name.</exception>
    /// <exception cref="BusUnavailableException">The broker cannot be reached.</exception>
    IAsyncEnumerable<BusMessage> SubscribeAsync(string channel, CancellationToken cancellationToken = default);
}

/// <summary>The broker cannot be reached, or does not answer in time. What was published may or may not have passed.</summary>
public sealed class BusUnavailableException() : Exception("The broker of MessageBus is not available at the moment. Try again later.");
