using System.Text.RegularExpressions;

namespace MessageBus.IntegrationTests.Telemetry;

/// <summary>A metric in a query, with the labels that the query asks of it: null where it takes any value.</summary>
internal sealed record UsedMetric(string Name, IReadOnlyList<(string Label, string? Value)> Labels);

/// <summary>
/// Reads the part of PromQL that the dashboard and the alerts are written in:
/// <code>
/// expr      = operand { operator operand }
/// operand   = number | "(" expr ")" | aggregation | function "(" expr { "," expr } ")" | selector
/// selector  = name [ "{" label ( "=" | "!=" | "=~" | "!~" ) string { "," ... } "}" ] [ "[" duration "]" ]
/// </code>
/// What does not fit throws <see cref="FormatException"/>.
/// </summary>
internal sealed partial class PromQuery
{
    private static readonly string[] Operators = ["+", "-", "*", "/", "==", "!=", ">", "<", ">=", "<=", "and", "or", "unless"];
    private static readonly string[] Aggregations = ["sum", "min", "max", "avg", "count"];
    private static readonly string[] OverRange = ["rate", "increase"];
    private static readonly string[] Functions = [.. OverRange, "histogram_quantile"];

    private readonly string _query;
    private readonly List<string> _tokens;
    private readonly List<UsedMetric> _metrics = [];
    private int _next;

    private PromQuery(string query)
    {
        _query = query;
        _tokens = [.. Token().Matches(query).Select(match => match.Value).Where(token => !string.IsNullOrWhiteSpace(token))];
    }

    public static IReadOnlyList<UsedMetric> Parse(string query)
    {
        var parser = new PromQuery(query);
        parser.Expression();
        return parser._next == parser._tokens.Count ? parser._metrics : throw parser.Unexpected("the end");
    }

    private string Current => _next < _tokens.Count ? _tokens[_next] : "";

    private void Expression()
    {
        Operand();
        while (Operators.Contains(Current))
        {
            _next++;
            Operand();
        }
    }

    private void Operand()
    {
        var token = Take();
        if (token is "(")
        {
            Expression();
            Expect(")");
        }
        else if (Aggregations.Contains(token))
        {
            Aggregation();
        }
        else if (Functions.Contains(token))
        {
            Function(token);
        }
        else if (Name().IsMatch(token))
        {
            Selector(token, range: false);
        }
        else if (!Number().IsMatch(token))
        {
            throw Unexpected("an operand");
        }
    }

    private void Aggregation()
    {
        var labels = new List<(string, string?)>();
        if (Current is "by")
        {
            _next++;
            List("(", ")", () => labels.Add((Take(), null)));
        }

        var first = _metrics.Count;
        Expect("(");
        Expression();
        Expect(")");
        for (var i = first; i < _metrics.Count; i++)
        {
            _metrics[i] = _metrics[i] with { Labels = [.. _metrics[i].Labels, .. labels] };
        }
    }

    private void Function(string name) => List("(", ")", () =>
    {
        if (OverRange.Contains(name))
        {
            Selector(Take(), range: true);
        }
        else
        {
            Expression();
        }
    });

    private void Selector(string name, bool range)
    {
        var labels = new List<(string, string?)>();
        if (Current is "{")
        {
            List("{", "}", () =>
            {
                var label = Take();
                var comparison = Take();
                var value = Take();
                if (comparison is not ("=" or "!=" or "=~" or "!~") || value[0] is not '"')
                {
                    throw Unexpected("a matcher");
                }

                var values = comparison is "=~" ? value.Trim('"').Split('|') : [value.Trim('"')];
                labels.AddRange(values.Select(one => (label, one.StartsWith('$') ? null : one)));
            });
        }

        if (range)
        {
            Expect("[");
            if (!Duration().IsMatch(Take()))
            {
                throw Unexpected("a duration");
            }

            Expect("]");
        }

        _metrics.Add(new UsedMetric(name, labels));
    }

    private void List(string open, string close, Action item)
    {
        Expect(open);
        item();
        while (Current is ",")
        {
            _next++;
            item();
        }

        Expect(close);
    }

    private string Take() => _next < _tokens.Count ? _tokens[_next++] : throw Unexpected("more");

    private void Expect(string token)
    {
        if (Take() != token)
        {
            throw Unexpected($"'{token}'");
        }
    }

    private FormatException Unexpected(string expected) => new($"Expected {expected} about '{string.Join(' ', _tokens.Take(_next))}' in: {_query}");

    [GeneratedRegex("""
        "[^"]*"|[a-zA-Z_:][a-zA-Z0-9_:]*|\$\w+|[0-9]+[smhd]|[0-9.]+|[=!<>]=|[=!]~|\S
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Token();

    [GeneratedRegex("^[a-zA-Z_:][a-zA-Z0-9_:]*$")]
    private static partial Regex Name();

    [GeneratedRegex(@"^[0-9]+(\.[0-9]+)?$")]
    private static partial Regex Number();

    [GeneratedRegex(@"^([0-9]+[smhd]|\$__rate_interval)$")]
    private static partial Regex Duration();
}
