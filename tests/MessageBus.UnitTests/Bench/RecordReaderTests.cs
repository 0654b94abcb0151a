using System.Text;
using MessageBus.Bench.Load;

namespace MessageBus.UnitTests.Bench;

public class RecordReaderTests
{
    private static readonly byte[] Message = [0x81, 5, .. "first"u8];
    private static readonly byte[] Long = [0x81, 126, 0x01, 0x00, .. Enumerable.Repeat((byte)'l', 256)];
    private static readonly byte[] Fragments = [0x01, 2, .. "se"u8, 0x89, 1, (byte)'p', 0x80, 4, .. "cond"u8];
    private static readonly byte[] Empty = [0x81, 0];
    private static readonly byte[] All = [.. Message, .. Long, .. Fragments, .. Empty, .. Message];

    [Fact]
    public void Messages_are_read_alike_however_the_bytes_are_cut()
    {
        for (var size = 1; size <= All.Length; size++)
        {
            var reader = new Recorder(null);

            foreach (var piece in All.Chunk(size))
                reader.Read(piece);

            Assert.Equal(["first", new string('l', 256), "ping p", "second", "", "first"], reader.Seen);
        }
    }

    [Fact]
    public void Records_end_at_their_mark_and_not_with_the_message()
    {
        byte[] bytes = [0x81, 6, (byte)'a', 0x1E, (byte)'b', (byte)'b', 0x1E, (byte)'c', 0x01, 1, (byte)'c', 0x80, 1, 0x1E];
        for (var size = 1; size <= bytes.Length; size++)
        {
            var reader = new Recorder(0x1E);

            foreach (var piece in bytes.Chunk(size))
                reader.Read(piece);

            Assert.Equal(["a", "bb", "cc"], reader.Seen);
        }
    }

    [Fact]
    public void Close_is_reported_with_its_code()
    {
        var reader = new Recorder(null);

        reader.Read([0x88, 2, 0x11, 0x9C]);

        Assert.Equal(["close 4508"], reader.Seen);
    }

    private sealed class Recorder(byte? endMark) : RecordReader(endMark)
    {
        public List<string> Seen { get; } = [];

        public void Read(ReadOnlySpan<byte> input) => ReadFrames(input);

        protected override void OnRecord(ReadOnlySpan<byte> record) => Seen.Add(Encoding.UTF8.GetString(record));

        protected override void OnPing(ReadOnlySpan<byte> payload) => Seen.Add("ping " + Encoding.UTF8.GetString(payload));

        protected override void OnClose(ReadOnlySpan<byte> payload) => Seen.Add($"close {payload[0] << 8 | payload[1]}");
    }
}
