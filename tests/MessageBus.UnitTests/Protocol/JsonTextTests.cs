using System.Text;
using System.Text.Json;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Protocol;

public sealed class JsonTextTests
{
    // The characters that matter, so that random text is full of them: control characters, quotes, escapes, and one to four bytes of UTF-8.
    private static readonly Rune[] Alphabet =
    [
        .. Enumerable.Range(0, 0x80).Select(code => new Rune(code)),
        new('"'), new('\\'), new('/'), new(0x7F), new(0x80), new(0xE9), new(0x7FF), new(0x800), new(0x2028), new(0xFFFD), new(0xFFFF), new(0x10000), new(0x1F68C), new(0x10FFFF),
    ];

    [Fact]
    public void Escaped_text_is_read_back_by_another_JSON_reader()
    {
        var random = new Random(20260101);
        for (var round = 0; round < 2000; round++)
        {
            var text = RandomText(random, random.Next(64));

            var escaped = Escape(text);

            Assert.Equal(text, JsonSerializer.Deserialize<string>($"\"{escaped}\""));
        }
    }

    [Fact]
    public void Every_control_character_is_escaped()
    {
        var all = string.Concat(Enumerable.Range(0, 0x20).Select(code => (char)code));

        var escaped = Escape(all);

        Assert.Equal(all, JsonSerializer.Deserialize<string>($"\"{escaped}\""));
        Assert.DoesNotContain(escaped, char.IsControl);
    }

    [Theory]
    [InlineData("\n\r\t\b\f", @"\n\r\t\b\f")]
    [InlineData("\"\\", @"\""\\")]
    [InlineData("\u0000\u001f\u000f\u0010", @"\u0000\u001f\u000f\u0010")]
    [InlineData("/é🚌<>&'\u007f\u2028", "/é🚌<>&'\u007f\u2028")]
    public void Only_what_RFC_8259_asks_for_is_escaped_in_its_shortest_form(string text, string expected)
    {
        Assert.Equal(expected, Escape(text));
    }

    private static string Escape(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var destination = new byte[(utf8.Length * 6) + 1];
        destination.AsSpan().Fill((byte)'#');
        var written = JsonText.Escape(utf8, destination);
        Assert.Equal(JsonText.EscapedLength(utf8), written);
        Assert.Equal((byte)'#', destination[written]);
        return Encoding.UTF8.GetString(destination, 0, written);
    }

    private static string RandomText(Random random, int length) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => Alphabet[random.Next(Alphabet.Length)].ToString()));
}
