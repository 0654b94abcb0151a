namespace MessageBus.Redis.Recording;

/// <summary>The scripts of one set of names. They stand in Scripts/*.lua with what they take and return.</summary>
internal sealed class HistoryScripts(HistoryNames names)
{
    public string Take { get; } = Load("take", names);

    public string Append { get; } = Load("append", names);

    public string Pass { get; } = Load("pass", names);

    public string Read { get; } = Load("read", names);

    private static string Load(string name, HistoryNames names)
    {
        using var stream = typeof(HistoryScripts).Assembly.GetManifestResourceStream($"{name}.lua")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd()
            .Replace("{control}", names.Control, StringComparison.Ordinal)
            .Replace("{envelope}", names.EnvelopePrefix, StringComparison.Ordinal);
    }
}
