using Microsoft.Playwright;

namespace MessageBus.BrowserTests.Browser;

/// <summary>Whether all of a page can be seen and read in its window.</summary>
internal sealed class PageLooks
{
    /// <summary>How far the page is wider than its window, in px.</summary>
    public int Overhang { get; set; }

    /// <summary>How many texts were looked at.</summary>
    public int Texts { get; set; }

    /// <summary>The text that is the hardest to tell from its background, and the contrast of both (WCAG 2.2, 1.4.3): 1 to 21.</summary>
    public string Worst { get; set; } = "";

    public double WorstContrast { get; set; }

    public bool IsDark { get; set; }

    /// <summary>On a phone and on a desk, light and dark: nothing stands out at the side, and of at least so many texts each has the contrast that people need.</summary>
    public static async Task ExpectGoodAsync(IPage page, int texts, Func<ColorScheme, int, Task>? beforeLooking = null)
    {
        foreach (var width in new[] { 360, 1280 })
        {
            await page.SetViewportSizeAsync(width, 800);
            foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await page.EmulateMediaAsync(new() { ColorScheme = scheme });
                await (beforeLooking?.Invoke(scheme, width) ?? Task.CompletedTask);
                var looks = await OfAsync(page);

                var where = $"{scheme}, {width} px:";
                Assert.True(looks.Overhang <= 0, $"{where} the page is {looks.Overhang} px too wide.");
                Assert.True(looks.IsDark == (scheme is ColorScheme.Dark), $"{where} the page is {(looks.IsDark ? "dark" : "light")}.");
                Assert.True(looks.Texts >= texts, $"{where} only {looks.Texts} texts were looked at.");
                Assert.True(looks.WorstContrast >= 4.5, $"{where} '{looks.Worst}' has a contrast of {looks.WorstContrast:0.0} only.");
            }
        }
    }

    private static Task<PageLooks> OfAsync(IPage page) =>
        page.EvaluateAsync<PageLooks>(
            """
            () => {
              const luminance = color => {
                const [red, green, blue] = color.match(/[\d.]+/g).map(part => {
                  const share = part / 255;
                  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
                });
                return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
              };
              // What an element stands on: the first of its ancestors that is painted.
              const ground = element => {
                while (getComputedStyle(element).backgroundColor === 'rgba(0, 0, 0, 0)') element = element.parentElement;
                return getComputedStyle(element).backgroundColor;
              };
              const contrasts = [...document.querySelectorAll('main *')]
                .filter(element => element.checkVisibility() && [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim()))
                .filter(element => /^rgb\(/.test(ground(element)))
                .map(element => {
                  const [text, back] = [luminance(getComputedStyle(element).color), luminance(ground(element))];
                  return { text: element.textContent.trim(), contrast: (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05) };
                });
              const worst = contrasts.reduce((a, b) => a.contrast < b.contrast ? a : b);
              return {
                overhang: document.documentElement.scrollWidth - innerWidth, texts: contrasts.length, worst: worst.text, worstContrast: worst.contrast,
                isDark: luminance(getComputedStyle(document.body).backgroundColor) < 0.1,
              };
            }
            """);
}
