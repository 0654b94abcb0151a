using MessageBus.Delivery;
using MessageBus.Taps;

namespace MessageBus.UnitTests.Taps;

public sealed class TapBufferTests
{
    private readonly TapBuffer _buffer = new();

    [Fact]
    public async Task Messages_are_taken_in_order_and_what_does_not_fit_is_counted()
    {
        var messages = Enumerable.Range(0, TapBuffer.MaxMessages + 3).Select(_ => Message(10)).ToList();

        messages.ForEach(_buffer.Put);

        Assert.True(await _buffer.WaitAsync(CancellationToken.None));
        var (taken, dropped) = _buffer.TakeAll();
        Assert.Equal(messages.Take(TapBuffer.MaxMessages), taken);
        Assert.Equal(3, dropped);
        _buffer.Put(messages[0]);
        Assert.True(await _buffer.WaitAsync(CancellationToken.None));
        (taken, dropped) = _buffer.TakeAll();
        Assert.Equal([messages[0]], taken);
        Assert.Equal(0, dropped);
    }

    [Fact]
    public void Bytes_that_wait_are_bounded_but_a_single_message_always_fits()
    {
        _buffer.Put(Message(TapBuffer.MaxBytes + 1));
        _buffer.Put(Message(1));

        var (taken, dropped) = _buffer.TakeAll();

        Assert.Single(taken);
        Assert.Equal(1, dropped);
    }

    [Fact]
    public async Task Nothing_is_waited_for_after_the_end()
    {
        _buffer.Put(Message(1));
        _buffer.End();
        _buffer.End();

        Assert.True(await _buffer.WaitAsync(CancellationToken.None));
        Assert.Single(_buffer.TakeAll().Messages);
        Assert.False(await _buffer.WaitAsync(CancellationToken.None));
    }

    private static EncodedMessage Message(int bytes) => new(new byte[bytes]);
}
