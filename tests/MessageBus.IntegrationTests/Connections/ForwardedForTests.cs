using System.Net.Sockets;
using System.Text;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Connections;

/// <summary>What a client says of its own address is no reason to fall, and is not believed (row G11 of the faults that must be survived).</summary>
public sealed class ForwardedForTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    public static TheoryData<string> Claims => ["", ",", "unknown", "10.0.0.1", string.Join(", ", Enumerable.Range(0, 1000).Select(n => $"10.0.{n / 256}.{n % 256}"))];

    [Theory]
    [MemberData(nameof(Claims))]
    public async Task A_claimed_address_is_not_taken_for_the_clients(string claim)
    {
        using var socket = await RawWebSocket.OpenAsync(shared.App, ("X-Forwarded-For", claim));

        await socket.SendAsync(RawWebSocket.Frame(RawWebSocket.Fin | RawWebSocket.Text, """{"type":"connect"}"""u8));
        await socket.ReadFrameAsync();
        var connections = await shared.App.GetJsonAsync("/api/connections");

        Assert.NotEmpty(connections.EnumerateArray());
        Assert.All(connections.EnumerateArray(), connection => Assert.StartsWith("127.0.0.1:", connection.GetProperty("remoteAddress").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_thousand_headers_of_it_are_refused_and_others_served()
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(shared.App.Http.Host, shared.App.Http.Port);
        var lines = string.Concat(Enumerable.Range(0, 1000).Select(n => $"X-Forwarded-For: 10.0.{n / 256}.{n % 256}\r\n"));

        await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET /health/live HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n"));
        using var reader = new StreamReader(tcp.GetStream(), Encoding.ASCII);
        var status = await Eventually.ResultAsync(reader.ReadLineAsync(), "the gateway answers");

        Assert.StartsWith("HTTP/1.1 431 ", status, StringComparison.Ordinal);
        await GoodClient.IsServedByAsync(shared.App);
    }
}
