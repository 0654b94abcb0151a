using System.Text;
using System.Text.Json;
using MessageBus.Delivery;
using MessageBus.Protocol;
using MessageBus.Taps;

namespace MessageBus.UnitTests.Taps;

/// <summary>What an operator is shown of a frame.</summary>
public sealed class TapEventsTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("\"quoted\" \\ <b>&amp;</b>\n\0 \u2028 ü 😀")]
    public void Text_is_shown_as_it_is(string text)
    {
        Assert.Equal(new TapPublication(At, Encoding.UTF8.GetByteCount(text), text, Base64: null, Cut: false), Publication(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_shown_as_base64()
    {
        Assert.Equal(new TapPublication(At, 3, Payload: null, "/wD+", Cut: false), Publication([0xFF, 0x00, 0xFE]));
    }

    [Fact]
    public void Long_payloads_are_cut_between_characters_and_their_length_is_told()
    {
        var text = new string('x', TapEvents.MaxTextLength - 1);
        var bytes = Enumerable.Repeat((byte)0xFF, TapEvents.MaxBytes + 1).ToArray();

        Assert.Equal(new TapPublication(At, 2000, text + "y", null, Cut: false), Publication(Encoding.UTF8.GetBytes(text + "y")));
        Assert.Equal(new TapPublication(At, 2001, text + "y", null, Cut: true), Publication(Encoding.UTF8.GetBytes(text + "yz")));
        Assert.Equal(new TapPublication(At, 2003, text, null, Cut: true), Publication(Encoding.UTF8.GetBytes(text + "😀")));
        Assert.Equal(new TapPublication(At, 1501, null, Convert.ToBase64String(bytes[1..]), Cut: true), Publication(bytes));
    }

    [Fact]
    public void Frames_of_every_length_of_header_are_read()
    {
        foreach (var length in new[] { 10, 1_000, 100_000 })
        {
            Assert.Equal(length, Publication(new byte[length]).Bytes);
        }
    }

    [Fact]
    public void Other_pushes_are_passed_on_as_they_are()
    {
        var gap = TapEvents.Of(EncodedFrame.Text(ServerMessage.Gap(channel: null, GapReason.BrokerReconnected)), At);

        Assert.Equal("gap", gap.EventType);
        Assert.Equal("""{"type":"gap","reason":"broker_reconnected"}""", JsonSerializer.Serialize(gap.Data));
        Assert.Equal("ping", TapEvents.Of(EncodedFrame.Ping, At).EventType);
        Assert.Equal(("dropped", new TapDropped(7)), (TapEvents.Dropped(7).EventType, TapEvents.Dropped(7).Data));
    }

    private static TapPublication Publication(byte[] payload)
    {
        var item = TapEvents.Of(EncodedFrame.Publication(MessagePush.Head(ChannelName.Parse("a\"b")), payload, int.MaxValue)!, At);
        Assert.Equal("message", item.EventType);
        return Assert.IsType<TapPublication>(item.Data);
    }
}
