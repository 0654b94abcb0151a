using System.Globalization;
using System.Net;
using MessageBus.Redis.Links;
using MessageBus.Redis.Settings;
using MessageBus.Redis.Wire;
using StackExchange.Redis;

namespace MessageBus.Redis.Topology;

/// <summary>
/// A connection to one Sentinel (https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel): asks where the primary is, and hears of a failover
/// while it happens. Never reconnects: a link that breaks is replaced.
/// </summary>
internal sealed class SentinelLink
{
    private static readonly RedisChannel Switched = RedisChannel.Literal("+switch-master");
    private static readonly RedisChannel Selected = RedisChannel.Literal("+selected-slave");

    private readonly ConnectionMultiplexer _client;
    private readonly string _service;

    private SentinelLink(ConnectionMultiplexer client, string service)
    {
        _client = client;
        _service = service;
    }

    public bool IsConnected => _client.IsConnected;

    /// <param name="address">Where the Sentinel is.</param>
    /// <param name="settings">The gateway's settings.</param>
    /// <param name="onSwitched">Called with the primary that it has announced.</param>
    /// <param name="onSelected">Called with the replica that it is about to promote, up to a second before anyone names it.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="DialFailure">It cannot be reached.</exception>
    public static async Task<SentinelLink> OpenAsync(RedisAddress address, RedisSettings settings, Action<EndPoint> onSwitched, Action<EndPoint> onSelected, TimeProvider time)
    {
        var attempt = new DialAttempt(settings.IsSecure);
        var options = settings.ForSentinel(address);
        options.LoggerFactory = attempt;
        options.Tunnel = new LinkTunnel(attempt, settings.Tls(address), receiver: null);
        SentinelLink link;
        try
        {
            link = new SentinelLink(await ConnectionMultiplexer.ConnectAsync(options), settings.ServiceName!);
        }
        catch (Exception e)
        {
            throw attempt.Failure(e);
        }

        await link.ListenAsync(onSwitched, onSelected, time);
        return link;
    }

    /// <summary>Where the primary is, in which epoch, and which other Sentinels there are. Null where it does not know the service.</summary>
    public async Task<(EndPoint Primary, long Epoch, IReadOnlyList<EndPoint> Others)?> AskAsync()
    {
        var redis = _client.GetDatabase();
        var named = redis.ExecuteAsync("SENTINEL", "get-master-addr-by-name", _service);
        var address = (string?[]?)await named;
        if (address is not [{ } host, { } port] || RedisAddress.Parse(host, port) is not { } primary)
        {
            return null;
        }

        var described = redis.ExecuteAsync("SENTINEL", "master", _service);
        var listed = redis.ExecuteAsync("SENTINEL", "sentinels", _service);
        await Task.WhenAll(described, listed);
        var epoch = Fields(await described).GetValueOrDefault("config-epoch", "0");
        var others = ((RedisResult[]?)await listed ?? [])
            .Select(Fields)
            .Select(other => RedisAddress.Parse(other.GetValueOrDefault("ip", ""), other.GetValueOrDefault("port", "")))
            .OfType<EndPoint>();
        return (primary, long.Parse(epoch, CultureInfo.InvariantCulture), [.. others]);
    }

    public Task CloseAsync() => RedisPair.CloseAsync(_client);

    private async Task ListenAsync(Action<EndPoint> onSwitched, Action<EndPoint> onSelected, TimeProvider time)
    {
        try
        {
            // The client calls itself connected before its connection for SUBSCRIBE is.
            var subscriber = _client.GetSubscriber();
            for (var waited = 0; waited < 100 && !subscriber.IsConnected(Switched); waited++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), time);
            }

            // service old-ip old-port new-ip new-port
            await subscriber.SubscribeAsync(Switched, (_, text) =>
            {
                if (((string?)text ?? "").Split(' ') is [var service, _, _, var host, var port] && service == _service && RedisAddress.Parse(host, port) is { } primary)
                {
                    onSwitched(primary);
                }
            });

            // slave name ip port @ service primary-ip primary-port
            await subscriber.SubscribeAsync(Selected, (_, text) =>
            {
                if (((string?)text ?? "").Split(' ') is [_, _, var host, var port, "@", var service, ..] && service == _service && RedisAddress.Parse(host, port) is { } replica)
                {
                    onSelected(replica);
                }
            });
        }
        catch (Exception e)
        {
            await CloseAsync();
            throw new DialFailure(RedisError.IsAnswer(e) ? e.Message : "it accepts the connection but does not answer", isGuess: true, e);
        }
    }

    private static Dictionary<string, string> Fields(RedisResult answer)
    {
        var fields = (string?[]?)answer ?? [];
        return fields.Chunk(2).Where(pair => pair.Length is 2).ToDictionary(pair => pair[0] ?? "", pair => pair[1] ?? "");
    }
}
