using System.Text;
using System.Text.Json;
using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Protocol;
using MessageBus.UnitTests.Fakes;
using MessageBus.WebSockets;

namespace MessageBus.UnitTests.WebSockets;

public sealed class WebSocketEncodingTests
{
    private static readonly ChannelName A = ChannelName.Parse("a");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(90)]
    [InlineData(91)]
    [InlineData(70_000)]
    public void Publication_of_any_length_is_one_whole_frame(int length)
    {
        var payload = new string('x', length);

        var frame = Encode(Encoding.UTF8.GetBytes(payload), maxBytes: 1_000_000)!;

        Assert.Equal("{\"type\":\"message\",\"channel\":\"a\",\"payload\":\"" + payload + "\"}", Frames.TextOf(frame));
    }

    [Fact]
    public void Quotation_mark_in_a_channel_name_is_escaped()
    {
        var channel = ChannelName.Parse("say/\"hi\"");

        var frame = Encode(new Publication(channel, "x"u8.ToArray(), ReceivedAt: 1), maxBytes: 1000)!;

        Assert.Equal("""{"type":"message","channel":"say/\"hi\"","payload":"x"}""", Frames.TextOf(frame));
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_come_back_from_base64()
    {
        var random = new Random(3);
        for (var length = 1; length < 300; length++)
        {
            var payload = new byte[length];
            random.NextBytes(payload);
            payload[0] = 0xFF;

            var frame = Encode(payload, maxBytes: 1000)!;

            using var json = JsonDocument.Parse(Frames.PayloadOf(frame));
            Assert.Equal(payload, json.RootElement.GetProperty("base64").GetBytesFromBase64());
        }
    }

    [Fact]
    public void Publication_may_be_exactly_as_long_as_the_limit()
    {
        // Around the payload stand 4 bytes of header and 45 of JSON.
        var longest = Encode(new byte[951].Filled((byte)'x'), maxBytes: 1000);

        Assert.Equal(1000, longest?.Length);
        Assert.Null(Encode(new byte[952].Filled((byte)'x'), maxBytes: 1000));
    }

    [Fact]
    public void Escapes_and_base64_count_against_the_limit()
    {
        Assert.NotNull(Encode(new byte[158], maxBytes: 1000));
        Assert.Null(Encode(new byte[159], maxBytes: 1000));
        Assert.NotNull(Encode(new byte[714].Filled(0xFF), maxBytes: 1000));
        Assert.Null(Encode(new byte[715].Filled(0xFF), maxBytes: 1000));
    }

    [Fact]
    public void Huge_payload_is_refused_without_being_encoded()
    {
        var payload = GC.AllocateUninitializedArray<byte>(100_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var frame = Encode(payload, maxBytes: 1024 * 1024);

        Assert.Null(frame);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void Payload_that_only_escapes_make_too_long_is_refused_without_being_encoded()
    {
        var payload = new byte[1_000_000];
        var before = GC.GetAllocatedBytesForCurrentThread();

        var frame = Encode(payload, maxBytes: 1024 * 1024);

        Assert.Null(frame);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Theory]
    [InlineData(4508, "too slow", "880A119C746F6F20736C6F77")]
    [InlineData(1000, "", "880203E8")]
    public void Close_frame_carries_the_code_and_the_reason(int code, string text, string expected)
    {
        Assert.Equal(expected, Convert.ToHexString(WebSocketEncoding.Close(code, text).Bytes));
    }

    [Fact]
    public void Close_frame_without_a_code_is_empty()
    {
        Assert.Equal("8800", Convert.ToHexString(WebSocketEncoding.Close(null, "").Bytes));
    }

    [Fact]
    public void Connection_that_is_lost_gets_no_close_frame()
    {
        Assert.Null(WebSocketEncoding.Instance.EncodeClose(CloseReason.Lost));
        Assert.Equal("4508 too slow", Frames.CloseOf(WebSocketEncoding.Instance.EncodeClose(CloseReason.TooSlow)!));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(long.MaxValue)]
    public void Offset_stands_before_the_payload(long offset)
    {
        var publication = new Publication(A, "x"u8.ToArray(), ReceivedAt: 1, new StreamPosition("e", offset));

        var frame = Encode(publication, maxBytes: 1000)!;

        Assert.Equal("{\"type\":\"message\",\"channel\":\"a\",\"offset\":" + $"{offset}" + ",\"payload\":\"x\"}", Frames.TextOf(frame));
    }

    private static EncodedMessage? Encode(byte[] payload, int maxBytes) => Encode(new Publication(A, payload, ReceivedAt: 1), maxBytes);

    private static EncodedMessage? Encode(in Publication publication, int maxBytes) =>
        WebSocketEncoding.Instance.Encode(publication, WebSocketEncoding.Instance.Head(publication.Channel), maxBytes);
}

file static class Bytes
{
    public static byte[] Filled(this byte[] bytes, byte value)
    {
        Array.Fill(bytes, value);
        return bytes;
    }
}
