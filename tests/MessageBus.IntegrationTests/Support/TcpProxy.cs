using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MessageBus.IntegrationTests.Support;

/// <summary>
/// Stands between a client and a server on 127.0.0.1 and misbehaves as networks do: takes bytes and passes none on (also in one direction only), cuts, and,
/// for what no network does, changes what passes.
/// </summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, port: 0);
    private readonly int _target;
    private readonly ConcurrentDictionary<Link, Task> _links = new();
    private readonly Task _accepting;

    public TcpProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Endpoint => $"127.0.0.1:{Port}";

    /// <summary>Connections that have come through it so far.</summary>
    public int Accepted { get; private set; }

    /// <summary>Applied to what clients send, where set.</summary>
    public Func<byte[], byte[]>? Rewrite { get; set; }

    /// <summary>From now on nothing comes through the connections that are there, in either direction; they stay open, and new ones are served.</summary>
    public void Swallow() => Each(link => link.SwallowsToServer = link.SwallowsToClient = true);

    /// <summary>The same for what the server sends on connections that have subscribed. What clients send goes through.</summary>
    public void SwallowDeliveries() => Each(link => link.SwallowsToClient = link.HasSubscribed);

    /// <summary>Cuts all connections with a reset.</summary>
    public void Cut() => Each(link => link.Dispose());

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        Cut();
        await Task.WhenAll(_links.Values);
        _listener.Dispose();
    }

    private void Each(Action<Link> action)
    {
        foreach (var link in _links.Keys)
        {
            action(link);
        }
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            Accepted++;
            var link = new Link(client, this);
            _links[link] = Task.Run(() => link.CarryAsync(_target));
        }
    }

    private sealed class Link(Socket client, TcpProxy proxy) : IDisposable
    {
        private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        public bool SwallowsToServer { get; set; }

        public bool SwallowsToClient { get; set; }

        public bool HasSubscribed { get; private set; }

        public async Task CarryAsync(int target)
        {
            try
            {
                client.NoDelay = _server.NoDelay = true;
                await _server.ConnectAsync(IPAddress.Loopback, target);
                await Task.WhenAny(ToServerAsync(), ToClientAsync());
            }
            catch (SocketException)
            {
                // Nobody there: the client sees its connection end.
            }

            Dispose();
        }

        /// <summary>With a reset: neither side takes it for a good end.</summary>
        public void Dispose()
        {
            client.Close(timeout: 0);
            _server.Close(timeout: 0);
        }

        private Task ToServerAsync() => CopyAsync(client, _server, bytes =>
        {
            HasSubscribed |= Encoding.Latin1.GetString(bytes).Contains("SUBSCRIBE", StringComparison.Ordinal);
            return SwallowsToServer ? [] : proxy.Rewrite?.Invoke(bytes) ?? bytes;
        });

        private Task ToClientAsync() => CopyAsync(_server, client, bytes => SwallowsToClient ? [] : bytes);

        private static async Task CopyAsync(Socket from, Socket to, Func<byte[], byte[]> pass)
        {
            var buffer = new byte[64 * 1024];
            try
            {
                while (await from.ReceiveAsync(buffer) is > 0 and var length)
                {
                    ReadOnlyMemory<byte> rest = pass(buffer[..length]);
                    while (!rest.IsEmpty)
                    {
                        rest = rest[await to.SendAsync(rest)..];
                    }
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // One side has ended: so does the other.
            }
        }
    }
}
