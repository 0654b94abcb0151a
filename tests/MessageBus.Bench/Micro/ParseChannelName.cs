using BenchmarkDotNet.Attributes;
using MessageBus.Protocol;

namespace MessageBus.Bench.Micro;

/// <summary>What a subscribe or publish command costs before anything else happens.</summary>
public class ParseChannelName
{
    [Params("a", "visitor-management/arrival/42")]
    public string Text { get; set; } = "";

    [Benchmark]
    public bool Parse() => ChannelName.TryParse(Text, out _, out _);
}
