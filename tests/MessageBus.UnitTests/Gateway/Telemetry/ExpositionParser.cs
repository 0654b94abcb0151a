using System.Globalization;
using System.Text.RegularExpressions;

namespace MessageBus.UnitTests.Gateway.Telemetry;

/// <summary>A line with a value. <paramref name="Name"/> is the whole name, with its suffix.</summary>
public sealed record ParsedSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>What the exposition says of one metric.</summary>
public sealed record ParsedFamily(string Name)
{
    public string? Type { get; set; }

    public string? Unit { get; set; }

    public string? Help { get; set; }

    public List<ParsedSample> Samples { get; } = [];
}

/// <summary>
/// Reads metrics as strictly as their specifications are written: OpenMetrics 1.0 (its ABNF, "Overall Structure" and "Metric Types") and the Prometheus text
/// format 0.0.4 ("Text format details"). Whatever is not exactly right throws <see cref="FormatException"/>. Only the types that the gateway writes.
/// </summary>
public sealed partial class ExpositionParser
{
    private const string Eof = "# EOF";

    private readonly bool _isOpenMetrics;
    private readonly List<ParsedFamily> _families = [];

    private ExpositionParser(bool isOpenMetrics) => _isOpenMetrics = isOpenMetrics;

    public static IReadOnlyList<ParsedFamily> ParseOpenMetrics(string text) => new ExpositionParser(isOpenMetrics: true).Parse(text);

    public static IReadOnlyList<ParsedFamily> ParsePrometheusText(string text) => new ExpositionParser(isOpenMetrics: false).Parse(text);

    private List<ParsedFamily> Parse(string text)
    {
        Require(text.EndsWith('\n'), "the last line ends with a line feed");
        Require(!text.Contains('\r', StringComparison.Ordinal), "lines end with a line feed alone");
        var lines = text[..^1].Split('\n');
        if (_isOpenMetrics)
        {
            Require(lines[^1] is Eof, "the last line is '# EOF'");
            lines = lines[..^1];
        }

        foreach (var line in lines)
        {
            ParseLine(line);
        }

        _families.ForEach(CheckFamily);
        return _families;
    }

    private void ParseLine(string line)
    {
        Require(line.Length > 0, "no line is empty");
        if (!line.StartsWith('#'))
        {
            AddSample(ReadSample(line));
        }
        else if (Descriptor().Match(line) is { Success: true } match)
        {
            AddDescriptor(match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value);
        }
        else
        {
            throw new FormatException($"Neither a sample nor HELP, TYPE or UNIT: {line}");
        }
    }

    private void AddDescriptor(string keyword, string name, string text)
    {
        if (_families.Count is 0 || _families[^1].Name != name)
        {
            Require(_families.TrueForAll(other => other.Name != name), $"the lines of {name} stand together");
            _families.Add(new ParsedFamily(name));
        }

        var family = _families[^1];
        Require(family.Samples.Count is 0, $"{keyword} of {name} stands before its samples");
        switch (keyword)
        {
            case "TYPE":
                Require(family.Type is null, $"{name} has one TYPE");
                Require(text is "counter" or "gauge" or "histogram", $"'{text}' is a type");
                family.Type = text;
                break;

            case "UNIT":
                Require(_isOpenMetrics, "only OpenMetrics knows UNIT");
                Require(family.Unit is null, $"{name} has one UNIT");
                Require(text.Length > 0 && name.EndsWith("_" + text, StringComparison.Ordinal), $"{name} ends with its unit '{text}'");
                family.Unit = text;
                break;

            default:
                Require(family.Help is null, $"{name} has one HELP");
                family.Help = Unescape(text, quoteIsEscaped: _isOpenMetrics);
                break;
        }
    }

    private void AddSample(ParsedSample sample)
    {
        Require(_families.Count > 0, $"a family is introduced before its sample {sample.Name}");
        var family = _families[^1];
        Require(family.Type is not null, $"{family.Name} has a TYPE");
        Require(SuffixesOf(family).Contains(sample.Name), $"the sample {sample.Name} belongs to {family.Name}, a {family.Type}, before it");
        Require(!family.Samples.Exists(other => other.Name == sample.Name && IsSame(other.Labels, sample.Labels)), $"{sample.Name} stands once with each set of labels");
        family.Samples.Add(sample);
    }

    private IEnumerable<string> SuffixesOf(ParsedFamily family) => family.Type switch
    {
        "counter" => _isOpenMetrics ? [family.Name + "_total", family.Name + "_created"] : [family.Name],
        "histogram" => [family.Name + "_bucket", family.Name + "_sum", family.Name + "_count", .. _isOpenMetrics ? new[] { family.Name + "_created" } : []],
        _ => [family.Name],
    };

    private static ParsedSample ReadSample(string line)
    {
        var match = SampleLine().Match(line);
        Require(match.Success, $"a sample is 'name{{label=\"value\",...}} number': {line}");
        var labels = new Dictionary<string, string>();
        foreach (Capture capture in match.Groups["label"].Captures)
        {
            var equals = capture.Value.IndexOf('=', StringComparison.Ordinal);
            Require(labels.TryAdd(capture.Value[..equals], Unescape(capture.Value[(equals + 2)..^1], quoteIsEscaped: true)), $"a label stands once: {line}");
        }

        return new ParsedSample(match.Groups["name"].Value, labels, ReadNumber(match.Groups["number"].Value));
    }

    private void CheckFamily(ParsedFamily family)
    {
        switch (family.Type)
        {
            case "counter":
                Require(family.Samples.TrueForAll(sample => sample.Value is >= 0 and < double.PositiveInfinity), $"{family.Name} counts from zero up");
                break;

            case "histogram":
                foreach (var series in family.Samples.GroupBy(sample => Key(sample.Labels.Where(label => label.Key is not "le"))))
                {
                    CheckHistogram(family.Name, [.. series]);
                }

                break;
        }
    }

    private void CheckHistogram(string name, List<ParsedSample> series)
    {
        var buckets = series.FindAll(sample => sample.Name == name + "_bucket");
        Require(buckets.TrueForAll(bucket => bucket.Labels.ContainsKey("le")), $"each bucket of {name} has an 'le'");
        Require(series.TrueForAll(sample => sample.Name == name + "_bucket" || !sample.Labels.ContainsKey("le")), $"only buckets of {name} have an 'le'");
        Require(buckets.Count > 0 && buckets[^1].Labels["le"] is "+Inf", $"the last bucket of {name} is +Inf");
        if (_isOpenMetrics)
        {
            Require(buckets.TrueForAll(bucket => bucket.Labels["le"] is "+Inf" || bucket.Labels["le"].AsSpan().IndexOfAny('.', 'e') > 0), $"the bounds of {name} are floats");
        }

        foreach (var (lower, upper) in buckets.Zip(buckets.Skip(1)))
        {
            Require(ReadNumber(lower.Labels["le"]) < ReadNumber(upper.Labels["le"]), $"the bounds of {name} ascend");
            Require(lower.Value <= upper.Value, $"the buckets of {name} are cumulative");
        }

        Require(series.Count(sample => sample.Name == name + "_sum") is 1, $"{name} has a sum");
        Require(series.Single(sample => sample.Name == name + "_count").Value == buckets[^1].Value, $"the count of {name} is its last bucket");
    }

    private static string Unescape(string text, bool quoteIsEscaped)
    {
        Require(!StrayEscape().IsMatch(text), $"only \\\\, \\n and \\\" are escapes: {text}");
        Require(quoteIsEscaped ? !BareQuote().IsMatch(text) : !text.Contains("\\\"", StringComparison.Ordinal), $"quotes are escaped where they must be, and only there: {text}");
        return EscapePair().Replace(text, pair => pair.Value is "\\n" ? "\n" : pair.Value[1..]);
    }

    private static double ReadNumber(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ when RealNumber().IsMatch(text) => double.Parse(text, CultureInfo.InvariantCulture),
        _ => throw new FormatException($"Not a number: {text}"),
    };

    private static bool IsSame(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) => Key(one) == Key(other);

    private static string Key(IEnumerable<KeyValuePair<string, string>> labels) =>
        string.Join('\u0001', labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}\u0002{label.Value}"));

    private static void Require(bool holds, string rule)
    {
        if (!holds)
        {
            throw new FormatException($"Not so: {rule}.");
        }
    }

    [GeneratedRegex(@"^# (TYPE|UNIT|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$")]
    private static partial Regex Descriptor();

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{((?<label>[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\.)*")(,(?<label>[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\.)*"))*)?\})? (?<number>\S+)$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex(@"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$")]
    private static partial Regex RealNumber();

    [GeneratedRegex("""(?<!\\)(\\\\)*\\([^\\n"]|$)""")]
    private static partial Regex StrayEscape();

    [GeneratedRegex("""(?<!\\)(\\\\)*" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex BareQuote();

    [GeneratedRegex(@"\\.")]
    private static partial Regex EscapePair();
}
