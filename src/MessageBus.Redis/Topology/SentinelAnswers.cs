using System.Net;

namespace MessageBus.Redis.Topology;

/// <summary>
/// What Sentinels say where the primary is. The highest configuration epoch counts: one that slept, or is cut off, has an old one. Among equals counts what most
/// of them say. Answers grow old. Any thread.
/// </summary>
internal sealed class SentinelAnswers(TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    // Guards the answers.
    private readonly Lock _gate = new();
    private readonly Dictionary<EndPoint, (EndPoint Primary, long Epoch, long At)> _answers = [];

    public EndPoint? Primary
    {
        get
        {
            lock (_gate)
            {
                return _answers.Values
                    .Where(answer => time.GetElapsedTime(answer.At) < Fresh)
                    .GroupBy(answer => answer.Primary)
                    .OrderByDescending(same => same.Max(answer => answer.Epoch))
                    .ThenByDescending(same => same.Count())
                    .Select(same => same.Key)
                    .FirstOrDefault();
            }
        }
    }

    /// <summary>An answer to a question.</summary>
    public void Answered(EndPoint sentinel, EndPoint primary, long epoch)
    {
        lock (_gate)
        {
            _answers[sentinel] = (primary, epoch, time.GetTimestamp());
        }
    }

    /// <summary>It has announced another primary, whose epoch is said with the next answer.</summary>
    public void Switched(EndPoint sentinel, EndPoint primary)
    {
        lock (_gate)
        {
            var highest = _answers.Values.Select(answer => answer.Epoch).DefaultIfEmpty().Max();
            _answers[sentinel] = (primary, highest + 1, time.GetTimestamp());
        }
    }
}
