using Microsoft.Playwright;

namespace MessageBus.BrowserTests.Browser;

/// <summary>The Tab key, as somebody uses it who has no mouse.</summary>
internal static class TabKey
{
    private const int MostStops = 100;

    /// <summary>
    /// Presses it until what has the focus has this id or this name. Returns all stops, by their id or else their name; each must have a visible focus and a name.
    /// </summary>
    public static async Task<IReadOnlyList<string>> TabToAsync(this IPage page, string wanted)
    {
        var stops = new List<string>();
        while (stops.Count < MostStops)
        {
            await page.Keyboard.PressAsync("Tab");
            var stop = await page.EvaluateAsync<Stop>(
                """
                () => {
                  const focused = document.activeElement;
                  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
                  const labels = (focused.getAttribute('aria-labelledby') ?? '').split(' ').map(id => document.getElementById(id));
                  return {
                    id: focused.id,
                    name: [focused.getAttribute('aria-label'), focused.labels?.[0]?.textContent, ...labels.map(label => label?.textContent), focused.textContent]
                      .map(text => text?.trim()).find(text => text) ?? '',
                    isSeen: focused.matches(':focus-visible') && outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
                  };
                }
                """);
            Assert.True(stop.IsSeen, $"The focus on '{stop.Id}' ({stop.Name}) cannot be seen.");
            Assert.True(stop.Name.Length > 0, $"'{stop.Id}' has no name.");
            stops.Add(stop.Id.Length > 0 ? stop.Id : stop.Name);
            if (wanted == stop.Id || wanted == stop.Name)
            {
                return stops;
            }
        }

        Assert.Fail($"Tab does not lead to '{wanted}', only to: {string.Join(", ", stops)}");
        return stops;
    }

    private sealed class Stop
    {
        public string Id { get; set; } = "";

        public string Name { get; set; } = "";

        public bool IsSeen { get; set; }
    }
}
