using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Protocol;
using MessageBus.Taps;

namespace MessageBus.UnitTests.Taps;

/// <summary>What an operator is shown, read as a browser reads it.</summary>
public sealed class TapEncodingTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("\"quoted\" \\ <b>&amp;</b>\r\n\0 \u2028 ü 😀")]
    public void Text_is_shown_as_it_is(string text)
    {
        var shown = Publication(Encoding.UTF8.GetBytes(text));

        Assert.Equal(["at", "bytes", "payload", "cut"], shown.EnumerateObject().Select(field => field.Name));
        Assert.Equal((Encoding.UTF8.GetByteCount(text), text, false), TextOf(shown));
    }

    [Fact]
    public void Time_is_when_the_broker_had_the_publication()
    {
        var publication = new Publication(ChannelName.Parse("a"), default, _time.GetTimestamp());
        var received = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(received, Show(publication).GetProperty("at").GetDateTimeOffset());
    }

    [Fact]
    public void Bytes_that_are_no_text_are_shown_as_base64()
    {
        var shown = Publication([0xFF, 0x00, 0xFE]);

        Assert.Equal(["at", "bytes", "base64", "cut"], shown.EnumerateObject().Select(field => field.Name));
        Assert.Equal((3, "/wD+", false), BytesOf(shown));
    }

    [Fact]
    public void Long_payloads_are_cut_between_characters_and_their_length_is_told()
    {
        var text = new string('x', TapEncoding.MaxTextLength - 1);
        var wide = new string('€', TapEncoding.MaxTextLength);
        var bytes = Enumerable.Repeat((byte)0xFF, TapEncoding.MaxBytes + 1).ToArray();

        Assert.Equal((2000, text + "y", false), TextOf(Text(text + "y")));
        Assert.Equal((2001, text + "y", true), TextOf(Text(text + "yz")));
        Assert.Equal((2003, text, true), TextOf(Text(text + "😀")));
        Assert.Equal((6000, wide, false), TextOf(Text(wide)));
        Assert.Equal((6003, wide, true), TextOf(Text(wide + "€")));
        Assert.Equal((60_000, wide, true), TextOf(Text(string.Concat(Enumerable.Repeat(wide, 10)))));
        Assert.Equal((4_000_000, string.Concat(Enumerable.Repeat("😀", 1000)), true), TextOf(Text(string.Concat(Enumerable.Repeat("😀", 1_000_000)))));
        Assert.Equal((1501, Convert.ToBase64String(bytes[1..]), true), BytesOf(Publication(bytes)));
    }

    [Fact]
    public void Payload_that_is_larger_than_what_may_wait_is_not_shown()
    {
        var publication = new Publication(ChannelName.Parse("a"), new byte[101], _time.GetTimestamp());

        Assert.Null(new TapEncoding(_time).Encode(publication, head: [], maxBytes: 100));
        Assert.NotNull(new TapEncoding(_time).Encode(publication, head: [], maxBytes: 101));
    }

    [Fact]
    public void Other_pushes_are_passed_on_as_they_are()
    {
        var gap = new TapEncoding(_time).Encode(new ServerMessage.Gap(Channel: null, GapReason.BrokerReconnected));

        Assert.Equal(("gap", """{"type":"gap","reason":"broker_reconnected"}"""), Read(gap));
        Assert.Equal(("ping", """{"type":"ping"}"""), Read(TapEncoding.Ping));
        Assert.Equal(("dropped", """{"count":7}"""), Read(TapEncoding.Dropped(7)));
    }

    private JsonElement Text(string text) => Publication(Encoding.UTF8.GetBytes(text));

    private JsonElement Publication(byte[] payload) => Show(new Publication(ChannelName.Parse("a\"b"), payload, _time.GetTimestamp()));

    private JsonElement Show(in Publication publication)
    {
        var (type, data) = Read(new TapEncoding(_time).Encode(publication, head: [], int.MaxValue)!);
        Assert.Equal("message", type);
        return JsonElement.Parse(data);
    }

    private static (int Bytes, string? Text, bool IsCut) TextOf(JsonElement shown) => Of(shown, "payload");

    private static (int Bytes, string? Base64, bool IsCut) BytesOf(JsonElement shown) => Of(shown, "base64");

    private static (int, string?, bool) Of(JsonElement shown, string field) =>
        (shown.GetProperty("bytes").GetInt32(), shown.GetProperty(field).GetString(), shown.GetProperty("cut").GetBoolean());

    private static (string Type, string Data) Read(EncodedMessage message)
    {
        var item = Assert.Single(SseParser.Create(new MemoryStream(message.Bytes)).Enumerate());
        return (item.EventType, item.Data);
    }
}
