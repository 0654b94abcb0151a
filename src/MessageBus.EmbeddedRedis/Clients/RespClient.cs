using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using MessageBus.EmbeddedRedis.Commands;
using MessageBus.EmbeddedRedis.PubSub;
using MessageBus.EmbeddedRedis.Resp;
using Microsoft.Extensions.Logging;

namespace MessageBus.EmbeddedRedis.Clients;

/// <summary>One accepted socket: reads commands, executes them in order, and sends the replies.</summary>
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
    private readonly ClientState _state;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public RespClient(
        long id, Socket socket, CommandTable commands, PubSubTable table, int maxCommandBytes, int maxOutputBytes, TimeProvider time, ILogger logger)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _commands = commands;
        _table = table;
        _reader = new RespReader(maxCommandBytes);
        _output = new OutputQueue(_stream, maxOutputBytes);
        _time = time;
        _logger = logger;
        _state = new ClientState(id, $"addr={socket.RemoteEndPoint} laddr={socket.LocalEndPoint}", time.GetTimestamp(), _output);
    }

    /// <summary>Serves the client until it disconnects, is closed, or the server stops. Never throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        LogArrived(_state.Id, _state.Addresses);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = _output.RunAsync(ending.Token);
        var reading = ReadAsync(ending.Token);
        await Task.WhenAny(reading, writing, _output.Overflow);

        if (_output.Overflow.IsCompleted)
        {
            LogTooSlow(_state.Id);
        }

        if (_output.Overflow.IsCompleted || !reading.IsCompletedSuccessfully)
        {
            await CutAsync();
        }

        if (_state.SpeaksHttp)
        {
            LogSpeaksHttp(_state.Id);
        }

        // Only now can no command subscribe to anything any more.
        await EndAsync(reading);
        _table.Forget(_state.Subscriber);
        _output.Complete();

        // The last replies: the +OK of QUIT, what was wrong with the protocol. At once after a cut.
        await Task.WhenAny(writing, Task.Delay(FarewellLimit, _time, ending.Token));
        await CutAsync();
        await EndAsync(writing);
        LogEnded(_state.Id);

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
            while (!ended && !_state.IsClosing)
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
        while (!_state.IsClosing)
        {
            switch (_reader.Read(ref input))
            {
                case RespReadResult.NeedMore:
                    return;
                case RespReadResult.Command:
                    _commands.Execute(_state, _reader.Arguments);
                    break;
                default:
                    _state.Reply.Error("ERR " + _reader.Problem);
                    _state.Close();
                    break;
            }

            _output.Append(_state.Reply.Take());
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
            // The client or the server has disconnected: there is no one to answer.
        }
        catch (Exception fault)
        {
            LogFault(fault, _state.Id);
        }
    }
}
