using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Sockets;

/// <summary>Each step of the way on which a WebSocket leaves the web server (OwnedConnection says them). They hold as well where it stays.</summary>
public sealed class HandOverTests
{
    [Fact]
    public async Task After_the_hand_over_the_web_server_has_no_connection_left()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:OwnSockets", "true"));
        using var served = new ServedConnections(gateway.Http.Port, gateway.SecureBus.Port);
        var clients = new List<BusClient>();
        for (var n = 0; n < 20; n++)
        {
            clients.Add(await BusClient.ConnectAsync(n % 2 is 0 ? gateway.Bus : gateway.SecureBus, $"left/{n}"));
        }

        await Eventually.TrueAsync(() => served.Accepted >= 20 && served.Active is 0, "the web server has let go of all of them");

        Assert.All(clients, client => Assert.True(client.IsQuiet));
        await clients[0].PublishAsync("left/1", "still served");
        Assert.Equal("still served", await clients[1].ExpectTextAsync("left/1"));
        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_client_sends_together_with_its_upgrade_request_is_not_lost(bool tls)
    {
        await using var gateway = GatewayApp.Start();
        await using var stream = await OpenAsync(gateway, tls);
        byte[] connect = RawWebSocket.Frame(RawWebSocket.Fin | RawWebSocket.Text, """{"type":"connect","id":1}"""u8);
        byte[] subscribe = RawWebSocket.Frame(RawWebSocket.Fin | RawWebSocket.Text, """{"type":"subscribe","id":2,"channel":"eager"}"""u8);

        // The last frame is cut in two: its rest comes when the hand-over is long over.
        await stream.WriteAsync((byte[])[.. UpgradeRequest(gateway), .. connect, .. subscribe[..^10]]);
        var early = await ReadUntilAsync(stream, "\"connected\"");
        await stream.WriteAsync(subscribe.AsMemory(^10..));
        var late = await ReadUntilAsync(stream, "\"subscribed\"");

        Assert.StartsWith("HTTP/1.1 101 ", early, StringComparison.Ordinal);
        Assert.Contains("\"id\":2,\"channel\":\"eager\"", late, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_101_comes_whole_before_anything_else()
    {
        await using var gateway = GatewayApp.Start();
        using var backend = new RespConnection(gateway.EmbeddedPort);
        await using var listener = await BusClient.ConnectAsync(gateway.Bus, "busy");
        using var publishing = new CancellationTokenSource();
        var publisher = Task.Run(async () =>
        {
            while (!publishing.IsCancellationRequested)
            {
                await backend.PublishAsync("busy", "x"u8.ToArray());
            }
        });

        for (var round = 0; round < 50; round++)
        {
            await using var stream = await OpenAsync(gateway, tls: false);
            byte[] connect = RawWebSocket.Frame(RawWebSocket.Fin | RawWebSocket.Text, """{"type":"connect","subscriptions":[{"channel":"busy"}]}"""u8);
            await stream.WriteAsync((byte[])[.. UpgradeRequest(gateway), .. connect]);
            var received = await ReadUntilAsync(stream, "\"message\"");
            var head = received[..received.IndexOf("\r\n\r\n", StringComparison.Ordinal)];

            Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
            Assert.DoesNotContain("\"type\"", head, StringComparison.Ordinal);
            Assert.True(received.IndexOf("\"subscribed\"", StringComparison.Ordinal) < received.IndexOf("\"message\"", StringComparison.Ordinal));
        }

        await publishing.CancelAsync();
        await publisher;
        listener.ForgetReceived();
    }

    [Fact]
    public async Task Clients_that_vanish_in_the_middle_of_it_leave_nothing_behind()
    {
        await using var gateway = GatewayApp.Start();
        for (var round = 0; round < 200; round++)
        {
            using var tcp = new TcpClient();
            await tcp.ConnectAsync(IPAddress.Loopback, gateway.Http.Port);
            await tcp.GetStream().WriteAsync(UpgradeRequest(gateway));
            tcp.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        await Eventually.TrueAsync(async () => (await gateway.GetJsonAsync("/api/connections")).GetArrayLength() is 0, "no connection is left");
        await GoodClient.IsServedByAsync(gateway);
    }

    [Fact]
    public async Task A_gateway_that_stops_closes_those_that_have_left_the_web_server_too()
    {
        var gateway = GatewayApp.Start();
        var clients = new[] { await BusClient.ConnectAsync(gateway.Bus, "a"), await BusClient.ConnectAsync(gateway.SecureBus, "a") };

        await gateway.DisposeAsync();

        foreach (var client in clients)
        {
            Assert.Equal(4503, await client.ExpectCloseAsync());
            await client.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(false, "1.1")]
    [InlineData(true, "1.1")]
    [InlineData(true, "2.0")]
    public async Task Ordinary_requests_are_served_on_the_same_address(bool tls, string version)
    {
        await using var gateway = GatewayApp.Start();
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true } })
        {
            BaseAddress = tls ? new UriBuilder(gateway.SecureBus) { Scheme = "https", Path = "/" }.Uri : gateway.Http,
            DefaultRequestVersion = Version.Parse(version),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(n => http.GetAsync(n % 2 is 0 ? "/openapi/v1.json" : "/health/live")));
        using var large = await http.PostAsync("/api/publish?channel=large", new ByteArrayContent(new byte[60_000]));

        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, Version.Parse(version)), (answer.StatusCode, answer.Version)));
        Assert.Equal(HttpStatusCode.NoContent, large.StatusCode);
    }

    private static byte[] UpgradeRequest(GatewayApp gateway) => Encoding.ASCII.GetBytes(
        $"GET /bus HTTP/1.1\r\nHost: {gateway.Http.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

    private static async Task<Stream> OpenAsync(GatewayApp gateway, bool tls)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, tls ? gateway.SecureBus.Port : gateway.Http.Port);
        var stream = new NetworkStream(socket, ownsSocket: true);
        if (!tls)
        {
            return stream;
        }

        var secure = new SslStream(stream, leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await secure.AuthenticateAsClientAsync("localhost");
        return secure;
    }

    private static async Task<string> ReadUntilAsync(Stream stream, string text)
    {
        var received = new StringBuilder();
        var buffer = new byte[4096];
        while (!received.ToString().Contains(text, StringComparison.Ordinal))
        {
            var count = await Eventually.ResultAsync(stream.ReadAsync(buffer).AsTask(), $"the gateway sends {text}");
            Assert.True(count > 0, $"The gateway ended the connection after: {received}");
            received.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        return received.ToString();
    }

    /// <summary>How many connections Kestrel serves on some ports, from its own instruments.</summary>
    private sealed class ServedConnections : IDisposable
    {
        private readonly MeterListener _listener = new();
        private int _active;
        private int _accepted;

        public ServedConnections(params int[] ports)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument is { Meter.Name: "Microsoft.AspNetCore.Server.Kestrel", Name: "kestrel.active_connections" })
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, change, tags, _) =>
            {
                foreach (var (key, value) in tags)
                {
                    if (key is "server.port" && value is int port && ports.Contains(port))
                    {
                        Interlocked.Add(ref _active, (int)change);
                        Interlocked.Add(ref _accepted, (int)Math.Max(change, 0));
                    }
                }
            });
            _listener.Start();
        }

        public int Active => Volatile.Read(ref _active);

        public int Accepted => Volatile.Read(ref _accepted);

        public void Dispose() => _listener.Dispose();
    }
}
