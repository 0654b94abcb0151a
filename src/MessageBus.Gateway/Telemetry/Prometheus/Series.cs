namespace MessageBus.Gateway.Telemetry.Prometheus;

/// <summary>The measurements of one instrument with one set of tags. Any thread.</summary>
internal abstract class Series
{
    public abstract void Add(double measured);

    public abstract void AppendTo(List<Sample> samples, string labels);
}
