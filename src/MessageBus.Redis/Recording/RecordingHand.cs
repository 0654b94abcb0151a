using System.Text;

namespace MessageBus.Redis.Recording;

/// <summary>
/// The connection on which a session runs its scripts, one command at a time. None is sent behind another that is under way: where one fails in the middle
/// (NOSCRIPT, OOM, READONLY), later ones would pass and change the order.
/// </summary>
internal sealed class RecordingHand : IAsyncDisposable
{
    private readonly RespConnection _connection;
    private readonly HistoryNames _names;
    private readonly TimeSpan _positionAge;
    private readonly string _append;
    private readonly string _pass;
    private readonly string _take;

    private RecordingHand(RespConnection connection, HistoryNames names, TimeSpan positionAge, string append, string pass, string take)
    {
        _connection = connection;
        _names = names;
        _positionAge = positionAge;
        (_append, _pass, _take) = (append, pass, take);
    }

    /// <exception cref="IOException">The connection has ended.</exception>
    public void DemandAlive()
    {
        if (_connection.Reason is { } reason)
        {
            throw new IOException(reason.Message, reason);
        }
    }

    public static async Task<RecordingHand> OpenAsync(RespConnection connection, HistoryNames names, TimeSpan positionAge)
    {
        var scripts = new HistoryScripts(names);
        return new RecordingHand(
            connection, names, positionAge, await LoadAsync(connection, scripts.Append), await LoadAsync(connection, scripts.Pass), await LoadAsync(connection, scripts.Take));
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <summary>Whether no session at this Redis is in step.</summary>
    public async Task<bool> IsAloneAsync() => (await _connection.CallAsync(new RespCommand("PUBSUB", "NUMSUB", _names.InStep))).Items is [_, { Integer: 0 }];

    public Task PublishAsync(string channel, string message) => _connection.CallAsync(new RespCommand("PUBLISH", channel, message));

    /// <summary>The token that is there now; empty where none is.</summary>
    public async Task<byte[]> TokenAsync() => (await _connection.CallAsync(new RespCommand("HGET", _names.State, "t"))).Bytes ?? [];

    /// <summary>Whether Redis takes writes.</summary>
    public async Task<bool> CanWriteAsync()
    {
        try
        {
            await _connection.CallAsync(new RespCommand("HSET", _names.State, "w", "1"));
            return true;
        }
        catch (RespErrorException e) when (RefusesWrites(e))
        {
            return false;
        }
    }

    /// <summary>Redis is there and refuses writes: its memory is full, it cannot save, or it has too few replicas.</summary>
    public static bool RefusesWrites(RespErrorException error) => error.Code is "OOM" or "MISCONF" or "NOREPLICAS";

    /// <summary>Takes the token where <paramref name="expected"/> is still there. What comes of it is heard on the ear.</summary>
    public async Task<bool> TakeAsync(byte[] expected, string token, bool isCold) =>
        (await _connection.CallAsync(
            new RespCommand("EVALSHA", _take).Add(1).Add(_names.State).Add(expected).Add(token).Add(isCold ? "1" : "0").Add(RecordingState.Random()))).Integer is 1;

    /// <summary>Records a batch, and says that the recorder is there where <paramref name="ticks"/>.</summary>
    public Task AppendAsync(string token, IReadOnlyCollection<Heard> batch, bool ticks)
    {
        var count = batch.Count + (ticks ? 1 : 0);
        var command = new RespCommand("EVALSHA", _append).Add(1 + (2 * count)).Add(_names.State);
        foreach (var heard in batch)
        {
            command.Add(_names.Meta(heard.Channel ?? "")).Add(_names.Log(heard.Channel ?? ""));
        }

        if (ticks)
        {
            command.Add(_names.Meta("")).Add(_names.Log(""));
        }

        command.Add(token).Add(count);
        foreach (var heard in batch)
        {
            if (heard is { Channel: { } channel, Bounds: { } bounds })
            {
                command.Add(channel).Add(bounds.Size).Add((long)bounds.Age.TotalMilliseconds).Add((long)_positionAge.TotalMilliseconds).Add(heard.Payload);
            }
            else
            {
                AddControl(command, $"echo {Encoding.UTF8.GetString(heard.Payload)}");
            }
        }

        if (ticks)
        {
            AddControl(command, "tick");
        }

        return _connection.CallAsync(command);
    }

    /// <summary>Passes a batch on live, without recording it.</summary>
    public Task PassAsync(string token, IReadOnlyCollection<Heard> batch, bool ticks)
    {
        var command = new RespCommand("EVALSHA", _pass).Add(1).Add(_names.State).Add(token).Add(batch.Count + (ticks ? 1 : 0));
        foreach (var heard in batch)
        {
            command.Add(heard.Channel ?? "").Add(heard.Channel is null ? [.. "echo "u8, .. heard.Payload] : heard.Payload);
        }

        if (ticks)
        {
            command.Add("").Add("tick");
        }

        return _connection.CallAsync(command);
    }

    /// <summary>An item without a channel: its payload is published on the control channel.</summary>
    private static void AddControl(RespCommand command, string payload) => command.Add("").Add(0).Add(0).Add(0).Add(payload);

    private static async Task<string> LoadAsync(RespConnection connection, string script) => (await connection.CallAsync(new RespCommand("SCRIPT", "LOAD", script))).Text;
}
