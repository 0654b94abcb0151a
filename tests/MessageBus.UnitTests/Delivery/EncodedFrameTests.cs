using System.Text;
using System.Text.Json;
using MessageBus.Delivery;
using MessageBus.Protocol;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests.Delivery;

public sealed class EncodedFrameTests
{
    private static readonly byte[] Head = MessagePush.Head(ChannelName.Parse("a"));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(90)]
    [InlineData(91)]
    [InlineData(70_000)]
    public void Publication_of_any_length_is_one_whole_frame(int length)
    {
        var payload = new string('x', length);

        var frame = EncodedFrame.Publication(Head, Encoding.UTF8.GetBytes(payload), maxBytes: 1_000_000)!;

        Assert.Equal("{\"type\":\"message\",\"channel\":\"a\",\"payload\":\"" + payload + "\"}", Frames.TextOf(frame));
    }

    [Fact]
    public void Quotation_mark_in_a_channel_name_is_escaped()
    {
        var head = MessagePush.Head(ChannelName.Parse("say/\"hi\""));

        var frame = EncodedFrame.Publication(head, "x"u8, maxBytes: 1000)!;

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

            var frame = EncodedFrame.Publication(Head, payload, maxBytes: 1000)!;

            using var json = JsonDocument.Parse(Frames.PayloadOf(frame));
            Assert.Equal(payload, json.RootElement.GetProperty("base64").GetBytesFromBase64());
        }
    }

    [Fact]
    public void Publication_may_be_exactly_as_long_as_the_limit()
    {
        // Around the payload stand 4 bytes of header and 45 of JSON.
        var longest = EncodedFrame.Publication(Head, new byte[951].AsSpan().Filled((byte)'x'), maxBytes: 1000);

        Assert.Equal(1000, longest?.Length);
        Assert.Null(EncodedFrame.Publication(Head, new byte[952].AsSpan().Filled((byte)'x'), maxBytes: 1000));
    }

    [Fact]
    public void Escapes_and_base64_count_against_the_limit()
    {
        Assert.NotNull(EncodedFrame.Publication(Head, new byte[158], maxBytes: 1000));
        Assert.Null(EncodedFrame.Publication(Head, new byte[159], maxBytes: 1000));
        Assert.NotNull(EncodedFrame.Publication(Head, new byte[714].AsSpan().Filled(0xFF), maxBytes: 1000));
        Assert.Null(EncodedFrame.Publication(Head, new byte[715].AsSpan().Filled(0xFF), maxBytes: 1000));
    }

    [Fact]
    public void Huge_payload_is_refused_without_being_encoded()
    {
        var payload = GC.AllocateUninitializedArray<byte>(100_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var frame = EncodedFrame.Publication(Head, payload, maxBytes: 1024 * 1024);

        Assert.Null(frame);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void Payload_that_only_escapes_make_too_long_is_refused_without_being_encoded()
    {
        var payload = new byte[1_000_000];
        var before = GC.GetAllocatedBytesForCurrentThread();

        var frame = EncodedFrame.Publication(Head, payload, maxBytes: 1024 * 1024);

        Assert.Null(frame);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Theory]
    [InlineData(4508, "too slow", "880A119C746F6F20736C6F77")]
    [InlineData(1000, "", "880203E8")]
    public void Close_frame_carries_the_code_and_the_reason(int code, string text, string expected)
    {
        Assert.Equal(expected, Convert.ToHexString(EncodedFrame.Close(code, text).Bytes));
    }

    [Fact]
    public void Close_frame_without_a_code_is_empty()
    {
        Assert.Equal("8800", Convert.ToHexString(EncodedFrame.CloseWithoutCode().Bytes));
    }

    [Fact]
    public void Frame_made_by_the_WebSocket_is_copied_as_it_is()
    {
        var bytes = new byte[] { 0x8A, 0x01, 0x2A };

        var frame = EncodedFrame.Raw(bytes);
        bytes[2] = 0;

        Assert.Equal("8A012A", Convert.ToHexString(frame.Bytes));
    }
}

file static class Bytes
{
    public static Span<byte> Filled(this Span<byte> bytes, byte value)
    {
        bytes.Fill(value);
        return bytes;
    }
}
