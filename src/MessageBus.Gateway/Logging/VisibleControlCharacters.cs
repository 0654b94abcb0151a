using System.Globalization;
using System.Text;
using Serilog.Core;
using Serilog.Events;

namespace MessageBus.Gateway.Logging;

/// <summary>
/// Writes characters that control a line or a terminal as <c>\u000d</c> in everything that is logged: the path or a header of a request may hold them,
/// and must not look like a line of the log, nor move the reader's cursor or turn his text around.
/// </summary>
internal sealed class VisibleControlCharacters : ILogEventEnricher
{
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        List<LogEventProperty>? changed = null;
        foreach (var (name, value) in logEvent.Properties)
        {
            if (MakeVisible(value) is var visible && !ReferenceEquals(visible, value))
            {
                (changed ??= []).Add(new LogEventProperty(name, visible));
            }
        }

        changed?.ForEach(logEvent.AddOrUpdateProperty);
    }

    /// <summary>The same value where nothing in it is to be changed.</summary>
    private static LogEventPropertyValue MakeVisible(LogEventPropertyValue value) => value switch
    {
        ScalarValue { Value: string text } when text.Any(IsInvisible) => new ScalarValue(MakeVisible(text)),
        SequenceValue list when list.Elements.Any(IsChanged) => new SequenceValue(list.Elements.Select(MakeVisible)),
        StructureValue structure when structure.Properties.Any(property => IsChanged(property.Value)) => new StructureValue(
            structure.Properties.Select(property => new LogEventProperty(property.Name, MakeVisible(property.Value))), structure.TypeTag),
        DictionaryValue dictionary when dictionary.Elements.Any(pair => IsChanged(pair.Key) || IsChanged(pair.Value)) => new DictionaryValue(
            dictionary.Elements.Select(pair => KeyValuePair.Create((ScalarValue)MakeVisible(pair.Key), MakeVisible(pair.Value)))),
        _ => value,
    };

    private static bool IsChanged(LogEventPropertyValue value) => !ReferenceEquals(MakeVisible(value), value);

    private static bool IsInvisible(char letter) => char.GetUnicodeCategory(letter)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static string MakeVisible(string text)
    {
        var visible = new StringBuilder(text.Length + 16);
        foreach (var letter in text)
        {
            _ = IsInvisible(letter) ? visible.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}") : visible.Append(letter);
        }

        return visible.ToString();
    }
}
