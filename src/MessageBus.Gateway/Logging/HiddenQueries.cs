using Serilog.Core;
using Serilog.Events;

namespace MessageBus.Gateway.Logging;

/// <summary>
/// Keeps the query of an address out of the log. Nothing secret belongs there, but whoever tries it with a token or a key would find it in the log, where
/// ASP.NET writes whole addresses at its more talkative levels.
/// </summary>
internal sealed class HiddenQueries : ILogEventEnricher
{
    private const string Hidden = "?...";

    // The one of a request in the hosting's log, the other where a request is sent on to https.
    private static readonly string[] Names = ["QueryString", "redirect"];

    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        foreach (var name in Names)
        {
            if (logEvent.Properties.TryGetValue(name, out var value) && value is ScalarValue { Value: string text } && text.Contains('?', StringComparison.Ordinal))
            {
                logEvent.AddOrUpdateProperty(new LogEventProperty(name, new ScalarValue(text[..text.IndexOf('?', StringComparison.Ordinal)] + Hidden)));
            }
        }
    }
}
