using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>
/// A client that judges what it gets. The publisher stamps each publication with (channel, n); here, per channel: no reorder, no duplicate,
/// and a hole only where the client was told before (<c>gap</c>, or that its connection had ended). Where it is cut off it comes back, as a browser does.
/// </summary>
public sealed class Witness : IAsyncDisposable
{
    /// <summary>What each client is told where its gateway loses Redis and has it again.</summary>
    public static readonly string[] ToldOfALoss = ["status down", "status up", "gap broker_reconnected"];

    private readonly Func<Uri> _address;
    private readonly string[] _channels;
    private readonly bool _comesBack;
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<string, ChannelLog> _logs;
    private readonly ConcurrentQueue<string> _problems = [];
    private readonly ConcurrentQueue<string> _told = [];
    private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _watching;
    private volatile BusClient? _client;

    private Witness(Func<Uri> address, bool comesBack, string[] channels)
    {
        _address = address;
        _comesBack = comesBack;
        _channels = channels;
        _logs = new ConcurrentDictionary<string, ChannelLog>(channels.Select(channel => KeyValuePair.Create(channel, new ChannelLog())));
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>What it was told that is no publication, in order: <c>status down</c>, <c>gap broker_reconnected</c>, <c>closed 4503</c>, ...</summary>
    public IReadOnlyList<string> Told => [.. _told];

    /// <summary>Its connections so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    private int _connections;

    /// <summary>Connects and subscribes; returns once the channels are subscribed. Comes back to <paramref name="address"/>, asked anew, whenever it is cut off.</summary>
    public static async Task<Witness> StartAsync(Func<Uri> address, params string[] channels)
    {
        var witness = new Witness(address, comesBack: true, channels);
        await Eventually.DoneAsync(witness._subscribed.Task, "a client is subscribed");
        return witness;
    }

    /// <summary>The same for a client that stays away after the end of its connection.</summary>
    public static async Task<Witness> StartOnceAsync(Uri address, params string[] channels)
    {
        var witness = new Witness(() => address, comesBack: false, channels);
        await Eventually.DoneAsync(witness._subscribed.Task, "a client is subscribed");
        return witness;
    }

    /// <summary>The number of the channel's last publication that has arrived; -1 before the first.</summary>
    public int LastOf(string channel) => _logs[channel].Last;

    public int Count(string told) => _told.Count(line => line.StartsWith(told, StringComparison.Ordinal));

    public Task HasHeardAsync(string channel, int n) =>
        Eventually.TrueAsync(() => LastOf(channel) >= n, () => $"publication {n} arrives on {channel} (last: {LastOf(channel)}; told: {string.Join(", ", Told)})");

    public Task WasToldAsync(string what, int times = 1) =>
        Eventually.TrueAsync(() => Count(what) >= times, () => $"a client is told '{what}' (told: {string.Join(", ", Told)})");

    /// <summary>Ends when a client that does not come back has lost its connection.</summary>
    public Task EndsAsync(TimeSpan limit) => Eventually.DoneAsync(_watching, "the connection ends", limit);

    /// <summary>Fails where anything came twice, out of order, or was missing without a word.</summary>
    public void HasSeenNoWrong() => Assert.True(_problems.IsEmpty, string.Join('\n', _problems));

    /// <summary>Its transport ends without a word, and it comes back.</summary>
    public void CutOff() => _client!.Abort();

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _watching;
        _ending.Dispose();
    }

    private async Task WatchAsync()
    {
        do
        {
            try
            {
                await using var client = await BusClient.OpenAsync(_address());
                _client = client;
                await TakePartAsync(client);
                Tell($"closed {await client.ExpectCloseAsync()}");
            }
            catch (Exception e) when (e is System.Net.WebSockets.WebSocketException or OperationCanceledException or IOException or Xunit.Sdk.XunitException)
            {
                // Nobody there, or full, or cut off: again.
            }
        }
        while (_comesBack && !await EndsWithinAsync(TimeSpan.FromMilliseconds(Random.Shared.Next(20, 100))));
    }

    private async Task TakePartAsync(BusClient client)
    {
        try
        {
            await client.SendAsync(new { type = "connect", subscriptions = _channels.Select(channel => new { channel }) });
            await ReadAsync(client);
        }
        catch (System.Net.WebSockets.WebSocketException)
        {
            // An answer that came too late for a connection that had ended: what matters is how it ended.
        }
    }

    private async Task<bool> EndsWithinAsync(TimeSpan pause)
    {
        await Task.WhenAny(Task.Delay(pause, _ending.Token));
        return _ending.IsCancellationRequested;
    }

    private async Task ReadAsync(BusClient client)
    {
        var missing = _channels.ToHashSet();
        await foreach (var message in client.ReadAllAsync(_ending.Token))
        {
            var channel = message.TryGetProperty("channel", out var named) ? named.GetString() : null;
            switch (message.GetProperty("type").GetString())
            {
                case "message":
                    Judge(channel!, message);
                    break;

                case "subscribed":
                    // From here on it must get everything; before, it was away, and knows.
                    _logs[channel!].Excused = true;
                    if (missing.Remove(channel!) && missing.Count is 0)
                    {
                        Interlocked.Increment(ref _connections);
                        _subscribed.TrySetResult();
                    }

                    break;

                case "gap":
                    foreach (var (name, log) in _logs)
                    {
                        log.Excused |= channel is null || channel == name;
                    }

                    Tell($"gap {message.GetProperty("reason").GetString()}");
                    break;

                case "status":
                    Tell($"status {message.GetProperty("broker").GetString()}");
                    break;

                case "error" when message.GetProperty("code").GetString() is "unavailable" && channel is not null && missing.Contains(channel):
                    await Task.Delay(TimeSpan.FromMilliseconds(100), _ending.Token);
                    await client.SendAsync(new { type = "subscribe", channel });
                    break;

                case "ping":
                    await client.SendAsync(new { type = "pong" });
                    break;

                case "connected":
                    break;

                case var type:
                    Tell($"{type} {message}");
                    break;
            }
        }
    }

    private void Judge(string channel, JsonElement message)
    {
        var n = int.Parse(Encoding.UTF8.GetBytes(message.GetProperty("payload").GetString()!), CultureInfo.InvariantCulture);
        var log = _logs[channel];
        if (n <= log.Last)
        {
            _problems.Enqueue($"{channel}: {n} came after {log.Last}");
        }
        else if (n > log.Last + 1 && !log.Excused)
        {
            _problems.Enqueue($"{channel}: {log.Last + 1} to {n - 1} are missing, and nobody said so (told: {string.Join(", ", _told)})");
        }

        log.Last = n;
        log.Excused = false;
    }

    private void Tell(string what) => _told.Enqueue(what);

    private sealed class ChannelLog
    {
        private int _last = -1;

        public int Last
        {
            get => Volatile.Read(ref _last);
            set => Volatile.Write(ref _last, value);
        }

        public bool Excused { get; set; }
    }
}
