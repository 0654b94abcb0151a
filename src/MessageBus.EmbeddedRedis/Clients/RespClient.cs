using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using MessageBus.EmbeddedRedis.Commands;
using MessageBus.EmbeddedRedis.PubSub;
using MessageBus.EmbeddedRedis.Resp;
using Microsoft.Extensions.Logging;

namespace MessageBus.EmbeddedRedis.Clients;

/// <summary>One accepted socket: reads commands, has them executed in their order, and sends what comes of them.</summary>
internal sealed partial class RespClient : IDisposable
{
    private const int ReadBytes = 16 * 1024;

    /// <summary>How long a client that is to be closed may take to receive its last replies.</summary>
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(5);

    private readonly NetworkStream _stream;
    private readonly CommandTable _commands;
    private readonly PubSubTable _table;
    private readonly RespReader _reader;
    private readonly OutputQueue _output;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private bool _closing;

    public RespClient(
        long id, Socket socket, CommandTable commands, PubSubTable table, EmbeddedRedisOptions options, TimeProvider time, ILogger logger)
    {
        Id = id;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _commands = commands;
        _table = table;
        _reader = new RespReader(options.MaxCommandBytes);
        _output = new OutputQueue(_stream, options.MaxOutputBytes);
        _time = time;
        _logger = logger;
        Subscriber = new Subscriber(_output);
        ArrivedAt = time.GetTimestamp();
        Addresses = $"addr={socket.RemoteEndPoint} laddr={socket.LocalEndPoint}";
    }

    public long Id { get; }

    public long ArrivedAt { get; }

    /// <summary>Both ends of the socket, as CLIENT INFO shows them.</summary>
    public string Addresses { get; }

    /// <summary>What CLIENT SETNAME said; empty when it said nothing.</summary>
    public byte[] Name { get; set; } = [];

    public int Database { get; set; }

    public Subscriber Subscriber { get; }

    /// <summary>Takes the reply of the command that is being executed.</summary>
    public RespWriter Reply { get; } = new(RespVersion.Resp2);

    /// <summary>Switches the protocol version, for replies and for messages.</summary>
    public void Speak(RespVersion version)
    {
        Reply.Version = version;
        Subscriber.Version = version;
    }

    /// <summary>Closes the client once its replies are sent. Its further commands are not executed.</summary>
    public void Close() => _closing = true;

    /// <summary>Closes a client that turned out to speak HTTP: a web page that reaches for the port.</summary>
    public void CloseAsHttp()
    {
        LogSpeaksHttp(Id);
        Close();
    }

    /// <summary>Serves the client until it leaves, is closed, or the server stops. Never throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        LogArrived(Id, Addresses);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = _output.RunAsync(ending.Token);
        var reading = ReadAsync(ending.Token);
        await Task.WhenAny(reading, writing, _output.Overflow);

        if (_output.Overflow.IsCompleted)
        {
            LogTooSlow(Id);
        }

        if (_output.Overflow.IsCompleted || !reading.IsCompletedSuccessfully)
        {
            await CutAsync();
        }

        // Only now can no command subscribe to anything any more.
        await EndAsync(reading);
        _table.Forget(Subscriber);
        _output.Complete();

        // The last replies: the +OK of QUIT, what was wrong with the protocol. At once after a cut.
        await Task.WhenAny(writing, Task.Delay(FarewellLimit, _time, ending.Token));
        await CutAsync();
        await EndAsync(writing);
        LogEnded(Id);

        async Task CutAsync()
        {
            await ending.CancelAsync();
            Dispose();
        }
    }

    public void Dispose() => _stream.Dispose();

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: ReadBytes, leaveOpen: true, useZeroByteReads: true));
        try
        {
            var ended = false;
            while (!ended && !_closing)
            {
                await _output.RoomAsync(cancellationToken);
                var read = await pipe.ReadAsync(cancellationToken);
                var input = read.Buffer;
                ExecuteAll(ref input);
                pipe.AdvanceTo(input.Start, input.End);
                ended = read.IsCompleted;
            }
        }
        finally
        {
            await pipe.CompleteAsync();
        }
    }

    private void ExecuteAll(ref ReadOnlySequence<byte> input)
    {
        while (!_closing)
        {
            switch (_reader.Read(ref input))
            {
                case RespReadResult.NeedMore:
                    return;
                case RespReadResult.Command:
                    _commands.Execute(this, _reader.Arguments);
                    break;
                default:
                    Reply.Error("ERR " + _reader.Problem);
                    Close();
                    break;
            }

            if (Reply.Written.Length > 0)
            {
                _output.Append(Reply.Written.ToArray());
                Reply.Clear();
            }
        }
    }

    private async Task EndAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception end) when (end is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client or the server has gone: there is nobody to tell.
        }
        catch (Exception fault)
        {
            LogFault(fault, Id);
        }
    }
}
