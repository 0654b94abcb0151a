using MessageBus.Bench.Load;

namespace MessageBus.UnitTests.Bench;

public class StampTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1234567890123456789, 4294967295)]
    [InlineData(long.MaxValue, 1)]
    public void What_is_written_is_found_inside_a_record(long time, uint number)
    {
        byte[] payload = new byte[64];
        Stamp.Write(payload, time, number);
        byte[] record = [.. "{\"payload\":\""u8, .. payload, .. "\"}"u8];
        var place = 0;

        var found = Stamp.TryRead(record, ref place, out var readTime, out var readNumber);

        Assert.True(found);
        Assert.Equal((time, number, 12), (readTime, readNumber, place));
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"type":"ping"}""")]
    [InlineData("~~short")]
    public void A_record_without_a_stamp_is_not_a_delivery(string record)
    {
        var place = 0;

        Assert.False(Stamp.TryRead(System.Text.Encoding.UTF8.GetBytes(record), ref place, out _, out _));
    }

    [Fact]
    public void A_payload_needs_no_escaping_in_JSON()
    {
        byte[] payload = new byte[128];

        Stamp.Write(payload, 0x0123_4567_89AB_CDEF, 0xFEDC_BA98);

        Assert.All(payload, letter => Assert.True(letter is >= (byte)'a' and <= (byte)'z' or (byte)'~'));
    }
}
