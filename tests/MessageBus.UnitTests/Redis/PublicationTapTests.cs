using System.Text;
using MessageBus.Redis.Wire;

namespace MessageBus.UnitTests.Redis;

public sealed class PublicationTapTests
{
    private const string Subscribed = "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n";

    private readonly List<string> _events = [];

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task Publications_are_taken_out_and_the_rest_is_the_clients_in_one_order(int atOnce)
    {
        var bytes = Subscribed + Publication("a", "one") + "+PONG\r\n" + Publication("b", "two") + Publication("a", "") + ":1\r\n";

        await ReadToEndAsync(bytes, atOnce);

        Assert.Equal([$"client {Subscribed}", "a one", "client +PONG\r\n", "b two", "a ", "client :1\r\n"], Merged());
    }

    [Fact]
    public async Task A_publication_larger_than_the_usual_room_is_whole_and_so_is_what_follows()
    {
        var large = new string('x', 300_000);

        await ReadToEndAsync(Publication("a", large) + Publication("b", "small") + "+PONG\r\n", atOnce: 10_000);

        Assert.Equal([$"a {large}", "b small", "client +PONG\r\n"], Merged());
    }

    [Fact]
    public async Task What_is_no_RESP_reaches_the_client_as_it_is()
    {
        const string Page = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n*3\r\n";

        await ReadToEndAsync(Page, atOnce: 5);

        Assert.Equal([$"client {Page}"], Merged());
    }

    private static string Publication(string channel, string payload) => $"*3\r\n$7\r\nmessage\r\n${channel.Length}\r\n{channel}\r\n${payload.Length}\r\n{payload}\r\n";

    private async Task ReadToEndAsync(string bytes, int atOnce)
    {
        await using var tap = new PublicationTap(
            new Trickle(Encoding.Latin1.GetBytes(bytes), atOnce), new Receiver(_events));
        var buffer = new byte[16];
        while (await tap.ReadAsync(buffer) is var read and > 0)
        {
            _events.Add($"client {Encoding.Latin1.GetString(buffer, 0, read)}");
        }
    }

    /// <summary>The events, with what the client has read in pieces put together.</summary>
    private List<string> Merged()
    {
        var merged = new List<string>();
        foreach (var one in _events)
        {
            if (one.StartsWith("client ", StringComparison.Ordinal) && merged.Count > 0 && merged[^1].StartsWith("client ", StringComparison.Ordinal))
            {
                merged[^1] += one["client ".Length..];
            }
            else
            {
                merged.Add(one);
            }
        }

        return merged;
    }

    private sealed class Receiver(List<string> events) : IPublicationReceiver
    {
        public void Receive(ReadOnlySpan<byte> channel, ReadOnlyMemory<byte> payload) =>
            events.Add($"{Encoding.Latin1.GetString(channel)} {Encoding.Latin1.GetString(payload.Span)}");

        public void Receiving()
        {
        }
    }

    /// <summary>Brings its bytes a few at a time.</summary>
    private sealed class Trickle(byte[] bytes, int atOnce) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, atOnce)], cancellationToken);
    }
}
