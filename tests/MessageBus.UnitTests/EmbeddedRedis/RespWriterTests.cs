using System.Text;
using MessageBus.EmbeddedRedis.Resp;

namespace MessageBus.UnitTests.EmbeddedRedis;

public sealed class RespWriterTests
{
    [Fact]
    public void RESP2_has_one_form_for_each_reply()
    {
        var written = Write(RespVersion.Resp2, WriteOneOfEach);

        Assert.Equal("+OK\r\n-ERR no\r\n:-7\r\n$3\r\na\r\n\r\n$0\r\n\r\n$4\r\ntext\r\n$-1\r\n*2\r\n*4\r\n*3\r\n", written);
    }

    [Fact]
    public void RESP3_has_its_own_null_map_push_and_verbatim_string()
    {
        var written = Write(RespVersion.Resp3, WriteOneOfEach);

        Assert.Equal("+OK\r\n-ERR no\r\n:-7\r\n$3\r\na\r\n\r\n$0\r\n\r\n=8\r\ntxt:text\r\n_\r\n*2\r\n%2\r\n>3\r\n", written);
    }

    [Fact]
    public void An_error_stays_one_line_whatever_the_client_sent()
    {
        var written = Write(RespVersion.Resp2, writer => writer.Error("ERR unknown 'a\r\n+OK\r\nb\xff'"));

        Assert.Equal("-ERR unknown 'a  +OK  b\xff'\r\n", written);
    }

    [Fact]
    public void What_was_taken_is_not_changed_by_what_is_written_later()
    {
        var writer = new RespWriter(RespVersion.Resp2);
        writer.Bulk("small"u8);
        var small = writer.Take();
        writer.Bulk(new byte[10_000]);
        var large = writer.Take();

        writer.SimpleString("later");

        Assert.Equal("$5\r\nsmall\r\n", Encoding.Latin1.GetString(small.Span));
        Assert.Equal("$10000\r\n".Length + 10_002, large.Length);
        Assert.Equal("+later\r\n", Encoding.Latin1.GetString(writer.Take().Span));
    }

    private static void WriteOneOfEach(RespWriter writer)
    {
        writer.SimpleString("OK");
        writer.Error("ERR no");
        writer.Integer(-7);
        writer.Bulk("a\r\n"u8);
        writer.Bulk([]);
        writer.Verbatim("text");
        writer.Null();
        writer.Array(2);
        writer.Map(2);
        writer.Push(3);
    }

    private static string Write(RespVersion version, Action<RespWriter> write)
    {
        var writer = new RespWriter(version);
        write(writer);
        return Encoding.Latin1.GetString(writer.Take().Span);
    }
}
