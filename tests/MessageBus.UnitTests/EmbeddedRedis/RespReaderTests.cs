using System.Buffers;
using System.Text;
using MessageBus.EmbeddedRedis.Resp;

namespace MessageBus.UnitTests.EmbeddedRedis;

public sealed class RespReaderTests
{
    private const string Pipeline = "*2\r\n$4\r\nECHO\r\n$4\r\n\r\n$\0\r\nPING \"a b\"\r\n\r\n*0\r\n*1\r\n$0\r\n\r\n*3\r\n$1\r\na\r\n$0\r\n\r\n$2\r\n\xff\n\r\nQUIT\n";

    private static readonly string[][] PipelineCommands = [["ECHO", "\r\n$\0"], ["PING", "a b"], [""], ["a", "", "\xff\n"], ["QUIT"]];

    [Fact]
    public void Pipelined_commands_are_read_in_order()
    {
        var reader = new RespReader(1000);

        var commands = ReadAll(reader, [Pipeline]);

        Assert.Equal(PipelineCommands, commands);
    }

    [Fact]
    public void Commands_are_the_same_wherever_the_bytes_are_split()
    {
        for (var first = 0; first <= Pipeline.Length; first++)
        {
            for (var second = first; second <= Pipeline.Length; second++)
            {
                var reader = new RespReader(1000);

                var commands = ReadAll(reader, [Pipeline[..first], Pipeline[first..second], Pipeline[second..]]);

                Assert.Equal(PipelineCommands, commands);
            }
        }
    }

    [Fact]
    public void Commands_are_the_same_when_every_byte_comes_alone()
    {
        var reader = new RespReader(1000);

        var commands = ReadAll(reader, Pipeline.Select(one => $"{one}"));

        Assert.Equal(PipelineCommands, commands);
    }

    [Fact]
    public void Commands_are_the_same_when_segments_of_memory_end_anywhere()
    {
        for (var end = 0; end <= Pipeline.Length; end++)
        {
            var reader = new RespReader(1000);
            var input = MemorySegment.Sequence(Pipeline[..end], "", Pipeline[end..]);

            var commands = ReadAll(reader, ref input);

            Assert.Equal(PipelineCommands, commands);
        }
    }

    [Fact]
    public void Nothing_is_a_command_before_its_last_byte()
    {
        const string Command = "*2\r\n$4\r\nECHO\r\n$1\r\nx\r\n";

        var before = ReadAll(new RespReader(1000), [Command[..^1]]);
        var after = ReadAll(new RespReader(1000), [Command]);

        Assert.Empty(before);
        Assert.Single(after);
    }

    [Theory]
    [InlineData("*x\r\n", "Protocol error: invalid multibulk length")]
    [InlineData("*1\r\nPING\r\n", "Protocol error: expected '$', got 'P'")]
    [InlineData("*1\r\n$-1\r\n", "Protocol error: invalid bulk length")]
    [InlineData("*1\r\n$1001\r\n", "Protocol error: invalid bulk length")]
    [InlineData("*2\r\n$600\r\n{600}\r\n$600\r\n", "Protocol error: invalid bulk length")]
    [InlineData("PING 'x\r\n", "Protocol error: unbalanced quotes in request")]
    [InlineData("{65537}", "Protocol error: too big inline request")]
    [InlineData("*{65537}", "Protocol error: too big mbulk count string")]
    [InlineData("*1\r\n${65537}", "Protocol error: too big bulk count string")]
    public void What_is_not_RESP_ends_in_a_problem(string script, string problem)
    {
        var reader = new RespReader(1000);
        var bytes = script.Replace("{65537}", new string('1', 65_537), StringComparison.Ordinal)
            .Replace("{600}", new string('x', 600), StringComparison.Ordinal);
        var input = new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(bytes));

        var result = reader.Read(ref input);

        Assert.Equal(RespReadResult.ProtocolError, result);
        Assert.Equal(problem, reader.Problem);
    }

    [Fact]
    public void The_limit_counts_one_command_at_a_time()
    {
        var reader = new RespReader(1000);
        var command = $"*2\r\n$4\r\nECHO\r\n$800\r\n{new string('x', 800)}\r\n";

        var commands = ReadAll(reader, [command + command + command]);

        Assert.Equal(3, commands.Count);
    }

    private static List<string[]> ReadAll(RespReader reader, IEnumerable<string> portions)
    {
        var commands = new List<string[]>();
        var rest = Array.Empty<byte>();
        foreach (var portion in portions)
        {
            var input = new ReadOnlySequence<byte>([.. rest, .. Encoding.Latin1.GetBytes(portion)]);
            commands.AddRange(ReadAll(reader, ref input));
            rest = input.ToArray();
        }

        return commands;
    }

    private static List<string[]> ReadAll(RespReader reader, ref ReadOnlySequence<byte> input)
    {
        var commands = new List<string[]>();
        RespReadResult result;
        while ((result = reader.Read(ref input)) == RespReadResult.Command)
        {
            commands.Add([.. reader.Arguments.Select(Encoding.Latin1.GetString)]);
        }

        Assert.Equal(RespReadResult.NeedMore, result);
        return commands;
    }
}
