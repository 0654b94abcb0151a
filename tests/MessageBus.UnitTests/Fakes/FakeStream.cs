namespace MessageBus.UnitTests.Fakes;

/// <summary>A stream that only takes writes: at once, or when the test lets it.</summary>
internal sealed class FakeStream : Stream
{
    private TaskCompletionSource? _pending;

    /// <summary>What each write brought.</summary>
    public List<byte[]> Writes { get; } = [];

    /// <summary>Whether writes wait for <see cref="Complete"/> or <see cref="Fail"/>.</summary>
    public bool Holds { get; set; }

    /// <summary>Thrown by the call itself, where set.</summary>
    public Exception? Fault { get; set; }

    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public void Complete() => _pending!.SetResult();

    public void Fail(Exception fault) => _pending!.SetException(fault);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Fault is not null)
        {
            throw Fault;
        }

        Writes.Add(buffer.ToArray());
        if (!Holds)
        {
            return ValueTask.CompletedTask;
        }

        _pending = new TaskCompletionSource();
        return new ValueTask(_pending.Task);
    }

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
