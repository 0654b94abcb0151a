using System.Globalization;
using System.Text.RegularExpressions;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Limits;

/// <summary>A request for a WebSocket on a socket of its own, which stays open until this is disposed, and how it was answered.</summary>
internal sealed partial class Handshake : IDisposable
{
    private readonly RawWebSocket _socket;
    private readonly string _head;

    private Handshake(RawWebSocket socket, string head)
    {
        _socket = socket;
        _head = head;
    }

    public int Status => int.Parse(_head.AsSpan("HTTP/1.1 ".Length, 3), CultureInfo.InvariantCulture);

    /// <summary>Seconds; null where it does not say.</summary>
    public int? RetryAfter => RetryAfterLine().Match(_head) is { Success: true } line ? int.Parse(line.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;

    public static async Task<Handshake> AskAsync(Uri http, params string[] headers)
    {
        var (socket, head) = await RawWebSocket.AskAsync(http, headers);
        return new Handshake(socket, head);
    }

    /// <summary>From an address that a proxy names.</summary>
    public static Task<Handshake> FromAsync(Uri http, string address) => AskAsync(http, $"X-Forwarded-For: {address}");

    /// <summary>Cuts it and waits until somebody else has got in, who is returned.</summary>
    public async Task<Handshake> MakeRoomAsync(Func<Task<Handshake>> ask)
    {
        _socket.Reset();
        return await WaitForRoomAsync(ask);
    }

    public static async Task<Handshake> WaitForRoomAsync(Func<Task<Handshake>> ask)
    {
        Handshake? entered = null;
        await Eventually.TrueAsync(
            async () =>
            {
                entered?.Dispose();
                entered = await ask();
                return entered.Status is 101;
            },
            "a place that was given back is free");
        return entered!;
    }

    public void Dispose() => _socket.Dispose();

    [GeneratedRegex(@"^Retry-After: (\d+)\r$", RegexOptions.Multiline)]
    private static partial Regex RetryAfterLine();
}
