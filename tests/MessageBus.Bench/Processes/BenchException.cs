namespace MessageBus.Bench.Processes;

/// <summary>A scenario cannot go on; the message says why and stands in the report.</summary>
internal sealed class BenchException(string message) : Exception(message);
