namespace MessageBus.Bench.Systems;

/// <summary>Places in the source tree that the bench was built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Release or Debug: what the bench itself was built as, and so the gateway along with it.</summary>
    public static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public static string Gateway => Path.Combine(Root, "src", "MessageBus.Gateway", "bin", Configuration, "net10.0", "MessageBus.Gateway.dll");

    public static string Peer(string name) => Path.Combine(Root, "tests", "MessageBus.Bench", "Peers", name);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MessageBus.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("the bench runs from its source tree: MessageBus.sln was not found above it");
    }
}
