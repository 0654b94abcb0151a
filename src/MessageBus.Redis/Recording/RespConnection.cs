using System.IO.Pipelines;

namespace MessageBus.Redis.Recording;

/// <summary>Redis answered a command with an error. <see cref="Code"/> is its first word, for example <c>FENCED</c> or <c>OOM</c>.</summary>
internal sealed class RespErrorException(string message) : Exception(message)
{
    public string Code => Message.Split(' ', 2)[0];
}

/// <summary>
/// One connection to one Redis that never reconnects: what is subscribed on it comes in one order, and its end is seen. StackExchange.Redis gives neither:
/// it reconnects unseen, and its queue for each subscription loses the order between subscriptions.
/// Commands may be sent from any thread; they are answered in the order in which they were sent.
/// </summary>
internal sealed class RespConnection : IAsyncDisposable
{
    // Redis' own default for the longest value is 512 MB; a publication larger than this cannot be delivered anyway.
    private const int MaxValueBytes = 64 * 1024 * 1024;

    private readonly Stream _stream;
    private readonly Action<RespReply[]>? _onPush;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;

    // Held while a command takes its place among those who wait and its bytes are written: the two are in one order.
    private readonly SemaphoreSlim _writing = new(1);

    // Guards the fields below.
    private readonly Lock _gate = new();
    private readonly Queue<Answer> _waiting = new();
    private readonly CancellationTokenSource _ending = new();
    private Exception? _reason;

    private RespConnection(Stream stream, Action<RespReply[]>? onPush, TimeSpan timeout, TimeProvider time)
    {
        _stream = stream;
        _onPush = onPush;
        _timeout = timeout;
        _time = time;
        Ended = ReadAsync();
    }

    /// <summary>Ends with the connection, and never fails. <see cref="Reason"/> says why.</summary>
    public Task Ended { get; }

    public Exception? Reason => _reason;

    /// <param name="stream">Connected and authenticated, in RESP2. The connection owns it.</param>
    /// <param name="onPush">Takes each <c>message</c> and <c>pmessage</c> in the order of Redis, on the reading thread: must not block.</param>
    /// <param name="timeout">How long a command may wait for its answer. After that the connection ends.</param>
    /// <param name="time">The clock.</param>
    public static RespConnection Start(Stream stream, Action<RespReply[]>? onPush, TimeSpan timeout, TimeProvider time) =>
        new(stream, onPush, timeout, time);

    /// <summary>Sends the command and returns its answer; the last of them where it has several, as SUBSCRIBE has one for each channel.</summary>
    /// <exception cref="RespErrorException">Redis answered with an error.</exception>
    /// <exception cref="IOException">The connection has ended. Whether Redis executed the command is not known.</exception>
    public async Task<RespReply> CallAsync(RespCommand command, int answers = 1)
    {
        var answer = new Answer(answers);
        try
        {
            await SendAsync(command, answer);
            return await answer.Task.WaitAsync(_timeout, _time);
        }
        catch (TimeoutException e)
        {
            End(new IOException($"Redis did not answer for {_timeout.TotalSeconds:0.#} s.", e));
            throw Ending();
        }
    }

    public async ValueTask DisposeAsync()
    {
        End(new IOException("The connection was closed."));
        await Ended;
        _ending.Dispose();
    }

    private async Task SendAsync(RespCommand command, Answer answer)
    {
        await _writing.WaitAsync(CancellationToken.None).WaitAsync(_timeout, _time);
        try
        {
            lock (_gate)
            {
                if (_reason is not null)
                {
                    throw Ending();
                }

                _waiting.Enqueue(answer);
            }

            await _stream.WriteAsync(command.ToBytes(), _ending.Token);
        }
        catch (Exception e) when (e is not TimeoutException)
        {
            End(e);
            throw Ending();
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadAsync()
    {
        await Task.Yield();
        var reader = PipeReader.Create(_stream);
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(_ending.Token);
                var buffer = result.Buffer;
                while (RespReply.TryRead(ref buffer, MaxValueBytes, out var reply))
                {
                    Take(reply);
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted)
                {
                    throw new IOException("Redis closed the connection.");
                }
            }
        }
        catch (Exception e)
        {
            End(e);
        }
        finally
        {
            await _stream.DisposeAsync();
        }
    }

    private void Take(in RespReply reply)
    {
        if (_onPush is not null && reply.Items is [{ Bytes: { } kind }, ..] items && (kind.AsSpan().SequenceEqual("message"u8) || kind.AsSpan().SequenceEqual("pmessage"u8)))
        {
            _onPush(items);
            return;
        }

        Answer? answer;
        lock (_gate)
        {
            if (!_waiting.TryPeek(out answer))
            {
                throw new InvalidDataException("Redis sent a reply that no command asked for.");
            }

            if (--answer.Left is 0 || reply.IsError)
            {
                _waiting.Dequeue();
            }
        }

        if (reply.IsError)
        {
            answer.TrySetException(new RespErrorException(reply.Text));
        }
        else if (answer.Left is 0)
        {
            answer.TrySetResult(reply);
        }
    }

    private void End(Exception reason)
    {
        lock (_gate)
        {
            _reason ??= reason;
            while (_waiting.TryDequeue(out var answer))
            {
                answer.TrySetException(Ending());
            }
        }

        try
        {
            _ending.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Disposed already: it has ended.
        }
    }

    private IOException Ending() => new($"The connection to Redis has ended: {_reason?.Message}", _reason);

    private sealed class Answer(int count) : TaskCompletionSource<RespReply>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        /// <summary>Replies that are still to come.</summary>
        public int Left { get; set; } = count;
    }
}
