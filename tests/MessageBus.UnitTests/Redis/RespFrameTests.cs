using System.Text;
using MessageBus.Redis.Wire;

namespace MessageBus.UnitTests.Redis;

public sealed class RespFrameTests
{
    [Theory]
    [InlineData("+OK\r\n")]
    [InlineData("-NOPERM no\r\n")]
    [InlineData(":12\r\n")]
    [InlineData("_\r\n")]
    [InlineData("$0\r\n\r\n")]
    [InlineData("$-1\r\n")]
    [InlineData("*-1\r\n")]
    [InlineData("*0\r\n")]
    [InlineData("$6\r\na\r\nb\r\n\r\n")]
    [InlineData("=8\r\ntxt:abcd\r\n")]
    [InlineData("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n")]
    [InlineData(">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n")]
    [InlineData("*2\r\n*1\r\n:1\r\n%1\r\n+a\r\n#t\r\n")]
    public void A_frame_is_measured_as_long_as_it_is_whatever_follows(string frame)
    {
        var bytes = Encoding.Latin1.GetBytes(frame + "+next\r\n");

        Assert.True(RespFrame.TryMeasure(bytes, out var length));

        Assert.Equal(frame.Length, length);
    }

    [Theory]
    [InlineData("*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$5\r\nhello\r\n")]
    [InlineData("%2\r\n+role\r\n+master\r\n+mode\r\n$-1\r\n")]
    public void A_frame_that_has_not_arrived_needs_more_than_there_is_and_no_more_than_it_has(string frame)
    {
        var bytes = Encoding.Latin1.GetBytes(frame);

        for (var arrived = 0; arrived < bytes.Length; arrived++)
        {
            Assert.True(RespFrame.TryMeasure(bytes.AsSpan(0, arrived), out var needed));
            Assert.InRange(needed, arrived + 1, bytes.Length);
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    [InlineData("$12x\r\n")]
    [InlineData("$999999999999\r\n")]
    [InlineData("*-7\r\n")]
    public void What_is_no_RESP_is_told(string bytes) =>
        Assert.False(RespFrame.TryMeasure(Encoding.Latin1.GetBytes(bytes), out _));

    [Fact]
    public void An_answer_that_never_ends_nesting_is_no_RESP() =>
        Assert.False(RespFrame.TryMeasure(Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat("*1\r\n", 10_000))), out _));

    [Theory]
    [InlineData("*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$5\r\nhello\r\n", "a", "hello")]
    [InlineData(">3\r\n$7\r\nmessage\r\n$3\r\na:b\r\n$0\r\n\r\n", "a:b", "")]
    public void A_publication_is_read_with_its_channel_and_payload(string frame, string channel, string payload)
    {
        Assert.True(RespFrame.TryReadPublication(Encoding.Latin1.GetBytes(frame), out var where, out var what));

        Assert.Equal((channel, payload), (frame[where], frame[what]));
    }

    [Theory]
    [InlineData("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n")]
    [InlineData("*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$1\r\na\r\n$1\r\nb\r\n")]
    [InlineData("+message\r\n")]
    public void Anything_else_is_no_publication(string frame) =>
        Assert.False(RespFrame.TryReadPublication(Encoding.Latin1.GetBytes(frame), out _, out _));
}
