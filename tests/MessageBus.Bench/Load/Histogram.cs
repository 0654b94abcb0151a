using System.Numerics;

namespace MessageBus.Bench.Load;

/// <summary>
/// Counts durations in buckets that widen with the value: 64 to each power of two, so a percentile is at most 1.6 % above the true one.
/// Fixed size, nothing allocated after construction.
/// </summary>
internal sealed class Histogram
{
    private const int SubBucketBits = 6;
    private const int SubBuckets = 1 << SubBucketBits;

    private readonly long[] _counts = new long[(64 - SubBucketBits) * SubBuckets];

    public long Count { get; private set; }

    public long Max { get; private set; }

    public void Add(long value)
    {
        value = Math.Max(value, 0);
        _counts[Bucket(value)]++;
        Count++;
        Max = Math.Max(Max, value);
    }

    /// <summary>The value that <paramref name="share"/> (0 to 1) of all values do not exceed; 0 where there are none.</summary>
    public long Percentile(double share)
    {
        var wanted = (long)Math.Ceiling(share * Count);
        var seen = 0L;
        for (var bucket = 0; bucket < _counts.Length; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= wanted && seen > 0)
                return Math.Min(HighestIn(bucket), Max);
        }

        return Max;
    }

    public void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
        Max = 0;
    }

    private static int Bucket(long value)
    {
        if (value < SubBuckets)
            return (int)value;
        var shift = BitOperations.Log2((ulong)value) - SubBucketBits;
        return (shift + 1) * SubBuckets + (int)(value >> shift) - SubBuckets;
    }

    private static long HighestIn(int bucket)
    {
        if (bucket < SubBuckets)
            return bucket;
        var shift = bucket / SubBuckets - 1;
        return ((long)(bucket % SubBuckets + SubBuckets + 1) << shift) - 1;
    }
}
