using Microsoft.Extensions.FileProviders;

namespace MessageBus.Gateway.Pages;

/// <summary>The files of a page, embedded in the program: its own and the shared ones.</summary>
internal static class PageFiles
{
    /// <param name="page">The page's folder.</param>
    public static IFileProvider Of(string page)
    {
        var assembly = typeof(PageFiles).Assembly;
        return new CompositeFileProvider(new EmbeddedFileProvider(assembly, page), new EmbeddedFileProvider(assembly, "shared"));
    }
}
