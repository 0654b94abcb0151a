using System.Reflection;

namespace MessageBus.Gateway.Configuration;

/// <summary>
/// Finds keys that nobody reads: a misspelt limit would otherwise silently be no limit. What is known are the properties of the options types.
/// </summary>
internal static class KnownKeys
{
    /// <exception cref="ConfigurationProblem">A key below <paramref name="section"/> is not a property of any of <paramref name="types"/>.</exception>
    public static void Check(IConfigurationSection section, params Type[] types)
    {
        if (Problems(section, types).FirstOrDefault() is { } problem)
        {
            throw problem;
        }
    }

    /// <summary>Each key that nobody reads, or that stands where its kind does not belong.</summary>
    public static IEnumerable<ConfigurationProblem> Problems(IConfigurationSection section, params Type[] types)
    {
        var properties = types.SelectMany(type => type.GetProperties()).ToList();
        return section.GetChildren().SelectMany(child =>
            RenamedKeys.Had(child.Path) ? []
            : properties.Find(property => string.Equals(property.Name, child.Key, StringComparison.OrdinalIgnoreCase)) is not { } known ? [Unknown(child, properties)]
            : ElementOf(known.PropertyType) is { } element ? ProblemsOfList(child, element)
            : IsSection(known.PropertyType) ? Problems(child, known.PropertyType)
            : []);
    }

    private static IEnumerable<ConfigurationProblem> ProblemsOfList(IConfigurationSection list, Type element) =>
        string.IsNullOrEmpty(list.Value)
            ? list.GetChildren().SelectMany(item => ProblemsOfItem(list, item, element))

            // Its value is not said: it may be a secret in the wrong place.
            : [new ConfigurationProblem($"'{list.Path}' is a list: write '{list.Path}:0', or an array in the file.")];

    private static IEnumerable<ConfigurationProblem> ProblemsOfItem(IConfigurationSection list, IConfigurationSection item, Type element)
    {
        if (!int.TryParse(item.Key, out _))
        {
            return [new ConfigurationProblem($"'{list.Path}' is a list: '{item.Path}' must be '{list.Path}:0' or another number.")];
        }

        if (!IsSection(element))
        {
            return item.Value is null ? [new ConfigurationProblem($"'{item.Path}' is a single text, and has no settings of its own.")] : [];
        }

        return string.IsNullOrEmpty(item.Value)
            ? Problems(item, element)
            : [new ConfigurationProblem($"'{item.Path}' is a text, but has settings of its own: {string.Join(", ", element.GetProperties().Select(one => $"'{item.Path}:{one.Name}'"))}.")];
    }

    /// <summary>What a list is of; null where it is none.</summary>
    private static Type? ElementOf(Type type) =>
        type.IsArray ? type.GetElementType()
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IList<>) ? type.GetGenericArguments()[0]
        : null;

    /// <summary>Whether settings of this type have settings of their own.</summary>
    public static bool IsSection(Type type) => type.IsClass && type != typeof(string) && ElementOf(type) is null;

    private static ConfigurationProblem Unknown(IConfigurationSection key, IReadOnlyCollection<PropertyInfo> known)
    {
        // Those of the sections within, too: a limit may have been looked for one level too high.
        var parent = key.Path[..^key.Key.Length];
        var names = known.Select(property => property.Name).Concat(
            from property in known
            where IsSection(property.PropertyType)
            from within in property.PropertyType.GetProperties()
            select $"{property.Name}:{within.Name}").ToList();
        var nearest = names.Find(name => LastOf(name).StartsWith(key.Key, StringComparison.OrdinalIgnoreCase))
            ?? names.MinBy(name => Distance(LastOf(name).ToUpperInvariant(), key.Key.ToUpperInvariant()));
        return new ConfigurationProblem($"There is no setting '{key.Path}'. Did you mean '{parent}{nearest}'?");
    }

    private static string LastOf(string name) => name[(name.IndexOf(':', StringComparison.Ordinal) + 1)..];

    /// <summary>Levenshtein's: how many characters must be inserted, deleted or replaced.</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
