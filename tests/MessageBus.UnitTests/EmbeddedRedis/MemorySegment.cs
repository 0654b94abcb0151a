using System.Buffers;
using System.Text;

namespace MessageBus.UnitTests.EmbeddedRedis;

/// <summary>Makes sequences of bytes that do not lie in one piece, as a pipe hands them out.</summary>
internal sealed class MemorySegment : ReadOnlySequenceSegment<byte>
{
    private MemorySegment(string text, long runningIndex)
    {
        Memory = Encoding.Latin1.GetBytes(text);
        RunningIndex = runningIndex;
    }

    public static ReadOnlySequence<byte> Sequence(params string[] texts)
    {
        var first = new MemorySegment(texts[0], runningIndex: 0);
        var last = first;
        foreach (var text in texts.AsSpan(1))
        {
            var next = new MemorySegment(text, last.RunningIndex + last.Memory.Length);
            last.Next = next;
            last = next;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }
}
