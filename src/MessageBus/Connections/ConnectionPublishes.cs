using MessageBus.Access;
using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Protocol;

namespace MessageBus.Connections;

/// <summary>
/// What one connection publishes. Several publishes are on their way to the broker at once, and are answered in the order they came; one counts when it is answered.
/// </summary>
internal sealed class ConnectionPublishes(Connection connection, ConnectionScope scope)
{
    private readonly PublishQueue _queue = new();

    /// <summary>Passes it to the broker, if the connection's rights let it; otherwise says why not. The broker is waited for only where too much is on its way.</summary>
    public ValueTask<Refusal?> PublishAsync(PublishCommand publish)
    {
        var decision = scope.Access.DecideAsync(ChannelOperation.Publish, publish.Channel, connection.Identity.Caller);
        return decision.IsCompletedSuccessfully ? PublishAsync(publish, decision.Result) : PublishOnceDecidedAsync(publish, decision);
    }

    /// <summary>Ends when all are answered.</summary>
    public Task DrainAsync() => _queue.DrainAsync();

    private async ValueTask<Refusal?> PublishOnceDecidedAsync(PublishCommand publish, ValueTask<AccessDecision> decision) =>
        await PublishAsync(publish, await decision);

    private ValueTask<Refusal?> PublishAsync(PublishCommand publish, AccessDecision decision)
    {
        if (decision is not AccessDecision.Allowed)
        {
            return new(Refusal.Of(decision, publish.Channel));
        }

        if (publish.Payload.Length > scope.Options.MaxPayloadBytes)
        {
            return new(new Refusal(ErrorCode.TooLarge, $"A payload is at most {scope.Options.MaxPayloadBytes} bytes."));
        }

        var publishing = scope.Broker.PublishAsync(publish.Channel, publish.Payload, CancellationToken.None);
        var taken = _queue.AddAsync(publishing, result => Answer(publish.Id, result));
        return taken.IsCompletedSuccessfully ? default : OnceTakenAsync(taken);
    }

    private static async ValueTask<Refusal?> OnceTakenAsync(Task taken)
    {
        await taken;
        return null;
    }

    private void Answer(int? id, BrokerResult result)
    {
        var refusal = result is BrokerResult.Accepted ? null : Refusal.Unavailable(channel: null);
        scope.Publications.Sent.Add((PublicationSource.Connection, result));
        scope.Counters.Commands.Add((typeof(PublishCommand), refusal?.Code));
        if (refusal is not null)
        {
            connection.Subscriber.Loop.Send(connection.Subscriber, refusal.ToFrame(id));
        }
        else if (id is not null)
        {
            connection.Subscriber.Loop.Send(connection.Subscriber, EncodedFrame.Text(ServerMessage.Published(id)));
        }
    }
}
