using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Serilog.Core;
using Serilog.Events;

namespace MessageBus.IntegrationTests.Support;

/// <summary>A log that keeps its lines, level and message: of the gateway, which logs by Serilog, or of another app.</summary>
public sealed class KeptLog : ILoggerProvider, ILogEventSink
{
    private readonly ConcurrentQueue<string> _lines = [];

    public IReadOnlyCollection<string> Lines => _lines;

    public bool Has(string text) => _lines.Any(line => line.Contains(text, StringComparison.Ordinal));

    public void Emit(LogEvent logEvent) => _lines.Enqueue($"{logEvent.Level}: {logEvent.RenderMessage(CultureInfo.InvariantCulture)} {logEvent.Exception?.Message}");

    public ILogger CreateLogger(string categoryName) => new Kept(_lines);

    public void Dispose()
    {
        // Nothing is open.
    }

    private sealed class Kept(ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception?.Message}");
    }
}
