using System.Text;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Protocol;

public sealed class CommandReaderTests
{
    // What mutations put in: pieces that change the meaning of JSON, or are not JSON, Unicode or UTF-8.
    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "{", "}", "[", "]", "\"", ":", ",", "\\", "\\u0000", "\\ud800", "\\udc00", "\\ud83d\\ude8c", "\\u0074", "null", "true", "-", "1e999", "0",
            "99999999999999999999", "1.5", "\"type\":", "\"id\":", "\"channel\":", "\"payload\":", "\"base64\":", "\"token\":", "\"subscriptions\":[{",
            "//", "/*", " ", "\n", "\0", "é", "🚌", "\ufeff",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF0, 0x9F],
    ];

    [Fact]
    public void No_mutation_of_a_frame_makes_the_reader_throw()
    {
        var random = new Random(6455);
        var frames = Vectors.Client.Values.Select(vector => Encoding.UTF8.GetBytes(vector.GetProperty("frame").GetString()!)).ToArray();
        for (var round = 0; round < 20_000; round++)
        {
            var mutated = Mutate(random, frames[random.Next(frames.Length)]);

            var thrown = Record.Exception(() => Commands.Read(mutated));

            Assert.True(thrown is null, $"{thrown?.GetType().Name} at {Encoding.Latin1.GetString(mutated)}");
        }
    }

    [Fact]
    public void Frame_that_breaks_off_anywhere_is_malformed()
    {
        var frame = "{\"type\":\"publish\",\"id\":4,\"channel\":\"café/🚌\",\"payload\":{\"é\":[1.5,null,\"\\ud83d\\ude8c\"]}}"u8.ToArray();

        Assert.All(Enumerable.Range(0, frame.Length), length => Assert.Null(Commands.Read(frame.AsSpan(0, length))));
        Assert.IsType<PublishCommand>(Commands.Read(frame));
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public void JSON_of_any_depth_is_a_payload(string open, string close)
    {
        var deep = Repeat(open, 100_000) + "1" + Repeat(close, 100_000);

        var command = Read("{\"type\":\"publish\",\"channel\":\"a\",\"payload\":" + deep + "}");

        Assert.Equal(deep, Encoding.UTF8.GetString(Assert.IsType<PublishCommand>(command).Payload));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    [InlineData("{\"type\":")]
    public void Deep_JSON_that_never_closes_is_malformed(string open)
    {
        Assert.Null(Read(Repeat(open, 100_000)));
    }

    [Theory]
    [InlineData("1e0")]
    [InlineData("1e400")]
    [InlineData("-0")]
    [InlineData("9223372036854775808")]
    [InlineData("true")]
    [InlineData("null")]
    [InlineData("[]")]
    public void Id_must_be_an_integer_in_range(string id)
    {
        var invalid = Assert.IsType<InvalidCommand>(Read("{\"type\":\"pong\",\"id\":" + id + "}"));

        Assert.Equal(ErrorCode.BadField, invalid.Error.Code);
        Assert.Null(invalid.Id);
    }

    [Fact]
    public void Number_of_thousands_of_digits_is_a_bad_id_and_a_good_payload()
    {
        var digits = new string('9', 5000);

        Assert.IsType<InvalidCommand>(Read("{\"type\":\"pong\",\"id\":" + digits + "}"));
        var publish = Assert.IsType<PublishCommand>(Read("{\"type\":\"publish\",\"channel\":\"a\",\"payload\":" + digits + "}"));
        Assert.Equal(digits, Encoding.UTF8.GetString(publish.Payload));
    }

    [Fact]
    public void Field_name_with_a_lone_surrogate_is_one_more_unknown_field()
    {
        Assert.IsType<PongCommand>(Read("{\"\\ud800\":1,\"t\\ud800\":2,\"type\":\"pong\"}"));
        Assert.IsType<ConnectCommand>(Read("{\"type\":\"connect\",\"subscriptions\":[{\"c\\uDC00\":1,\"channel\":\"a\"}]}"));
    }

    [Fact]
    public void Type_with_a_lone_surrogate_is_an_unknown_type()
    {
        var invalid = Assert.IsType<InvalidCommand>(Read("{\"type\":\"p\\ud800ng\",\"id\":5}"));

        Assert.Equal(ErrorCode.UnknownType, invalid.Error.Code);
        Assert.Equal(5, invalid.Id);
    }

    [Fact]
    public void Base64_with_a_lone_surrogate_is_a_bad_payload()
    {
        var invalid = Assert.IsType<InvalidCommand>(Read("{\"type\":\"publish\",\"channel\":\"a\",\"base64\":\"\\ud800\"}"));

        Assert.Equal(ErrorCode.BadPayload, invalid.Error.Code);
    }

    [Fact]
    public void Token_must_be_a_string_and_may_be_null()
    {
        Assert.Equal(ErrorCode.BadField, Assert.IsType<InvalidCommand>(Read("{\"type\":\"connect\",\"token\":7}")).Error.Code);
        Assert.Equal(ErrorCode.BadField, Assert.IsType<InvalidCommand>(Read("{\"type\":\"connect\",\"token\":\"\\ud800\"}")).Error.Code);
        Assert.Null(Assert.IsType<ConnectCommand>(Read("{\"type\":\"connect\",\"token\":null}")).Token);
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("[\"a\"]")]
    [InlineData("[{}]")]
    [InlineData("[{\"channel\":1}]")]
    [InlineData("[{\"channel\":\"\\ud800\"}]")]
    [InlineData("{}")]
    public void Subscriptions_must_be_objects_with_a_channel(string subscriptions)
    {
        var invalid = Assert.IsType<InvalidCommand>(Read("{\"type\":\"connect\",\"id\":1,\"subscriptions\":" + subscriptions + "}"));

        Assert.Equal(ErrorCode.BadField, invalid.Error.Code);
    }

    [Fact]
    public void Subscriptions_may_have_fields_that_are_not_known_yet()
    {
        var connect = Assert.IsType<ConnectCommand>(Read(
            "{\"type\":\"connect\",\"subscriptions\":[{\"since\":{\"channel\":\"x\",\"offset\":7},\"channel\":\"a\",\"more\":[1]},{\"channel\":\"b\"}]}"));

        Assert.Equal(["a", "b"], connect.Subscriptions);
    }

    [Fact]
    public void Names_and_types_may_be_written_with_escapes()
    {
        var subscribe = Assert.IsType<SubscribeCommand>(Read("{\"\\u0074ype\":\"subscri\\u0062e\",\"ch\\u0061nnel\":\"\\u0061\"}"));

        Assert.Equal("a", subscribe.Channel.Value);
    }

    [Fact]
    public void Of_a_field_that_stands_twice_the_last_one_counts()
    {
        var subscribe = Assert.IsType<SubscribeCommand>(Read("{\"type\":\"pong\",\"channel\":\"a\",\"type\":\"subscribe\",\"channel\":\"b\"}"));

        Assert.Equal("b", subscribe.Channel.Value);
    }

    [Fact]
    public void Command_is_found_among_thousands_of_unknown_fields()
    {
        var unknown = string.Concat(Enumerable.Range(0, 5000).Select(i => $"\"x{i}\":{i},"));

        var subscribe = Assert.IsType<SubscribeCommand>(Read("{\"channel\":\"a\"," + unknown + "\"type\":\"subscribe\"," + unknown + "\"id\":7}"));

        Assert.Equal((7, "a"), (subscribe.Id, subscribe.Channel.Value));
    }

    private static Command? Read(string json) => Commands.Read(Encoding.UTF8.GetBytes(json));

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    private static byte[] Mutate(Random random, byte[] frame)
    {
        var bytes = new List<byte>(frame);
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(4))
            {
                case 0:
                    bytes.InsertRange(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, random.Next(Math.Min(8, bytes.Count - at + 1)));
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count + 1) is var from && from < bytes.Count ? from : 0, Math.Min(4, bytes.Count - from)));
                    break;
            }
        }

        return [.. bytes];
    }
}
