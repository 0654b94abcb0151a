using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace MessageBus.BrowserTests.Browser;

/// <summary>What the browser has to complain about in a page: errors, warnings, violations of the content security policy.</summary>
internal static class PageComplaints
{
    public static IReadOnlyCollection<string> Of(IPage page)
    {
        var complaints = new ConcurrentQueue<string>();
        page.PageError += (_, error) => complaints.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                complaints.Enqueue(message.Text);
            }
        };
        return complaints;
    }
}
