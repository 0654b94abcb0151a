namespace MessageBus.Gateway.Setup;

/// <summary>Files that only their owner may read.</summary>
internal static class PrivateFile
{
    /// <summary>Replaces the file atomically: concurrent readers see the old content or the new.</summary>
    public static void Write(string path, string content)
    {
        if (File.Exists(path) && File.ReadAllText(path) == content)
        {
            // Unchanged: a running gateway would treat a new file as a change.
            return;
        }

        var next = path + ".next";
        File.Delete(next);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(next, options))
        {
            writer.Write(content);
        }

        File.Move(next, path, overwrite: true);
    }
}
