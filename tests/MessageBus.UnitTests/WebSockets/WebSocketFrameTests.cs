using MessageBus.WebSockets;

namespace MessageBus.UnitTests.WebSockets;

public sealed class WebSocketFrameTests
{
    [Theory]
    [InlineData(0, "8100")]
    [InlineData(1, "8101")]
    [InlineData(125, "817D")]
    [InlineData(126, "817E007E")]
    [InlineData(65535, "817EFFFF")]
    [InlineData(65536, "817F0000000000010000")]
    [InlineData(int.MaxValue, "817F000000007FFFFFFF")]
    public void Header_has_the_shortest_length_that_RFC_6455_allows(int payloadLength, string expected)
    {
        var header = new byte[10];

        var length = WebSocketFrame.WriteHeader(header, WebSocketFrame.Text, payloadLength);

        Assert.Equal(expected, Convert.ToHexString(header, 0, length));
        Assert.Equal(length, WebSocketFrame.HeaderLength(payloadLength));
    }

    [Fact]
    public void Close_frame_is_final_and_has_opcode_8()
    {
        var header = new byte[2];

        WebSocketFrame.WriteHeader(header, WebSocketFrame.Close, 2);

        Assert.Equal("8802", Convert.ToHexString(header));
    }
}
