using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Hostile;

/// <summary>Thousands of handshakes that are none, each on a connection of its own. <c>MESSAGEBUS_HANDSHAKES</c> sets how many.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class HandshakeFloodTests
{
    private const int Workers = 8;

    // Far below what as many connections, or only the heads of their requests, would take that are not given back.
    private const int FlatMegabytes = 24;

    private static readonly int Handshakes = HeavyLoad.Amount("MESSAGEBUS_HANDSHAKES", everyRun: 12_000);

    private static readonly string[] Requests =
    [
        .. HandshakeGarbageTests.Garbage.Select(row => (string)row[1]),
        .. new[] { "Sec-WebSocket-Version: 7", "Sec-WebSocket-Version: 99", "Sec-WebSocket-Version: x", "" }.Select(version => Changed("Sec-WebSocket-Version: 13", version)),
        .. new[] { "Sec-WebSocket-Key: short", "Sec-WebSocket-Key: not base64 at all =", "" }.Select(key => Changed("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", key)),
        RawHttp.Upgrade() + "Sec-WebSocket-Protocol: chat\r\n\r\n",
        RawHttp.Upgrade() + "Origin: https://evil.example\r\n\r\n",
    ];

    [Fact]
    public async Task Each_is_answered_with_a_client_error_and_memory_stays_flat()
    {
        // With a small nursery, memory is what is kept, and hardly what waits for the collector.
        await using var gateway = await SeparateGateway.StartAsync("DOTNET_GCgen0size=0x1000000");

        // What it takes to answer at all is there before memory is measured.
        await FloodAsync(gateway, Handshakes / 4);
        var before = ProcessFacts.ResidentMegabytes(gateway.ProcessId);
        var filesBefore = ProcessFacts.OpenFiles(gateway.ProcessId);
        await FloodAsync(gateway, Handshakes);
        var after = ProcessFacts.ResidentMegabytes(gateway.ProcessId);

        Assert.True(after < before + FlatMegabytes, $"Memory grew from {before} to {after} MB.");
        await Eventually.TrueAsync(() => ProcessFacts.OpenFiles(gateway.ProcessId) <= filesBefore + Workers, "the file descriptors are free again");
        await GoodClient.IsServedAtAsync(gateway.Bus);
    }

    private static Task FloodAsync(GatewayProcess gateway, int handshakes) =>
        Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            for (var n = worker; n < handshakes; n += Workers)
            {
                var request = Requests[n % Requests.Length];
                var head = await RawHttp.HeadOfAnswerAsync(gateway.Addresses[0], request);
                Assert.True(head.StartsWith("HTTP/1.1 4", StringComparison.Ordinal), $"{request[..Math.Min(request.Length, 200)]}\n{head}");
            }
        })));

    private static string Changed(string line, string to) => RawHttp.Upgrade().Replace($"{line}\r\n", to.Length is 0 ? "" : $"{to}\r\n", StringComparison.Ordinal) + "\r\n";
}
