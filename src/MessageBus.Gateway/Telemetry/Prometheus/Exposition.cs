using System.Text;

namespace MessageBus.Gateway.Telemetry.Prometheus;

/// <summary>
/// Writes metrics as Prometheus reads them:
/// <code>
/// # HELP family text        text: \ and newline are escaped, in OpenMetrics also "
/// # TYPE family counter     0.0.4: with the _total of a counter; OpenMetrics: without
/// # UNIT family seconds     OpenMetrics only, and only a unit that the name ends with
/// name{label="value",...} number
/// # EOF                     OpenMetrics only
/// </code>
/// Sources: prometheus.io/docs/instrumenting/exposition_formats, and the OpenMetrics specification 1.0.
/// </summary>
internal static class Exposition
{
    public static string Write(IEnumerable<MetricFamily> families, ExpositionFormat format)
    {
        var text = new StringBuilder(16 * 1024);
        foreach (var family in families)
        {
            WriteHead(text, family, format);
            foreach (var sample in family.Samples)
            {
                text.Append(family.Name.Family).Append(sample.Suffix);
                if (sample.Labels.Length > 0)
                {
                    text.Append('{').Append(sample.Labels).Append('}');
                }

                text.Append(' ').Append(SampleNumber.Of(sample.Value)).Append('\n');
            }
        }

        if (format is ExpositionFormat.OpenMetrics)
        {
            text.Append("# EOF\n");
        }

        return text.ToString();
    }

    private static void WriteHead(StringBuilder text, MetricFamily family, ExpositionFormat format)
    {
        var isOpenMetrics = format is ExpositionFormat.OpenMetrics;
        var name = family.Name.Family + (family.Kind is MetricKind.Counter && !isOpenMetrics ? "_total" : "");
        var help = isOpenMetrics
            ? LabelText.Escape(family.Help)
            : family.Help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(TypeName(family.Kind)).Append('\n');
        if (isOpenMetrics && family.Name.Unit.Length > 0)
        {
            text.Append("# UNIT ").Append(name).Append(' ').Append(family.Name.Unit).Append('\n');
        }
    }

    private static string TypeName(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Histogram => "histogram",
        _ => "gauge",
    };
}
