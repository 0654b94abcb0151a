using System.Text;

namespace MessageBus.IntegrationTests.Support;

/// <summary>Payloads that something between Redis and a browser might not carry byte for byte.</summary>
public static class Payloads
{
    public static IReadOnlyList<byte[]> Awkward { get; } =
    [
        .. new[]
        {
            "plain", "", "\"quoted\" and \\ back", "{\"json\":[1,2,{\"a\":null}]}", "emoji 😀👩‍👩‍👧 and ünïcödé", "new\nline\r\nand\ttab", "nul\0inside\u0001\u001f\u007f",
            "\u2028\u2029</script>", new string('x', 60 * 1024),
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF, 0xFE, 0x00, 0x80],
        [0xC3],
        [0xED, 0xA0, 0x80],
        [.. Enumerable.Range(0, 256).Select(i => (byte)i)],
        [.. Enumerable.Range(0, 30 * 1024).Select(i => (byte)(i * 31))],
    ];
}
