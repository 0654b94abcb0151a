using System.Text;
using MessageBus.EmbeddedRedis.Resp;

namespace MessageBus.UnitTests.EmbeddedRedis;

public sealed class InlineCommandTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData(" \t ", new string[0])]
    [InlineData("PING", new[] { "PING" })]
    [InlineData("  SET  a\tb ", new[] { "SET", "a", "b" })]
    [InlineData("\"a b\" 'c d'", new[] { "a b", "c d" })]
    [InlineData("\"\" ''", new[] { "", "" })]
    [InlineData("a\"b c\"", new[] { "ab c" })]
    [InlineData("\"\\x00\\xFf\\n\\q\\\"\"", new[] { "\0\xff\nq\"" })]
    [InlineData("'\\n\\''", new[] { "\\n'" })]
    public void A_line_is_split_as_redis_splits_it(string line, string[] expected)
    {
        var arguments = new List<byte[]>();

        var split = InlineCommand.TrySplit(Encoding.Latin1.GetBytes(line), arguments);

        Assert.True(split);
        Assert.Equal(expected, arguments.Select(Encoding.Latin1.GetString));
    }

    [Theory]
    [InlineData("\"a")]
    [InlineData("'a")]
    [InlineData("\"a\"b")]
    [InlineData("'a'b")]
    [InlineData("\"a\\\"")]
    [InlineData("a \"")]
    public void Unbalanced_quotes_are_refused(string line)
    {
        var split = InlineCommand.TrySplit(Encoding.Latin1.GetBytes(line), []);

        Assert.False(split);
    }
}
