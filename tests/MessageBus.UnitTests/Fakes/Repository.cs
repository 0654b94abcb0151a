namespace MessageBus.UnitTests.Fakes;

/// <summary>The files of the repository that the tests run from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    /// <summary>The source files below a folder, without what a build makes.</summary>
    public static IReadOnlyList<string> SourcesOf(params string[] folder) =>
        [.. Directory.EnumerateFiles(Path(folder), "*.cs", SearchOption.AllDirectories).Where(file => !IsBuilt(file))];

    private static bool IsBuilt(string file) =>
        file.Split(System.IO.Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "MessageBus.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds MessageBus.sln.");
    }
}
