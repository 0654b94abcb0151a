using System.Diagnostics.Metrics;

namespace MessageBus.UnitTests.Fakes;

/// <summary>A factory of one meter, whose measurements can be told from those of other tests: <see cref="Owns"/>.</summary>
internal sealed class TestMeters : IMeterFactory
{
    private Meter? _meter;

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        return _meter ??= new Meter(options);
    }

    public bool Owns(Instrument instrument) => instrument.Meter.Scope == this;

    public void Dispose() => _meter?.Dispose();
}
