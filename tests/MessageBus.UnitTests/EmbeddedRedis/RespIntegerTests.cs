using System.Text;
using MessageBus.EmbeddedRedis.Resp;

namespace MessageBus.UnitTests.EmbeddedRedis;

public sealed class RespIntegerTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("7", 7)]
    [InlineData("-1", -1)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    public void Integers_are_read(string text, long expected)
    {
        var read = RespInteger.TryParse(Encoding.ASCII.GetBytes(text), out var value);

        Assert.True(read);
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("-0")]
    [InlineData("+1")]
    [InlineData("01")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1x")]
    [InlineData("9223372036854775808")]
    [InlineData("99999999999999999999999")]
    public void Anything_else_is_refused(string text)
    {
        var read = RespInteger.TryParse(Encoding.ASCII.GetBytes(text), out _);

        Assert.False(read);
    }
}
