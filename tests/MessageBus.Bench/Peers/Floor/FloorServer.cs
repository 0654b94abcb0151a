using System.Net;
using System.Net.Sockets;
using System.Text;
using MessageBus.Bench.Native;

namespace MessageBus.Bench.Peers.Floor;

/// <summary>
/// What cannot be undercut: one thread that reads publications from Redis, frames them once, and calls a non-blocking Socket.Send
/// for every subscriber. No protocol but the upgrade, no backlog (a socket that does not take a frame is closed), no queue, no lock.
/// </summary>
internal sealed class FloorServer : IDisposable
{
    private const long ListenerNumber = -1;
    private const long RedisNumber = -2;
    private const int Backlog = 4096;

    private readonly Epoll _epoll = new(edgeTriggered: false);
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly RespFeed _redis;
    private readonly Dictionary<long, FloorClient> _clients = [];
    private readonly Dictionary<string, FloorChannel> _channels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FloorChannel>.AlternateLookup<ReadOnlySpan<char>> _channelsByName;
    private readonly List<FloorChannel> _touched = [];
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly int _port;

    public FloorServer(PeerOptions options)
    {
        _port = options.Port;
        _redis = new RespFeed(options.RedisPort);
        _channelsByName = _channels.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public void Run()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, _port));
        _listener.Listen(Backlog);
        _listener.Blocking = false;
        _epoll.Watch((int)_listener.Handle, ListenerNumber);
        _epoll.Watch(_redis.Fd, RedisNumber);
        Console.WriteLine("ready");
        while (true)
        {
            var count = _epoll.Wait(-1);
            for (var i = 0; i < count; i++)
                OnReady(_epoll.Ready(i));
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _redis.Dispose();
        _epoll.Dispose();
    }

    private void OnReady(long number)
    {
        if (number == ListenerNumber)
            Accept();
        else if (number == RedisNumber)
            Deliver();
        else if (_clients.TryGetValue(number, out var client))
            Read(client);
    }

    private void Accept()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = _listener.Accept();
            }
            catch (SocketException failure) when (failure.SocketErrorCode == SocketError.WouldBlock)
            {
                return;
            }

            socket.Blocking = false;
            socket.NoDelay = true;
            var client = new FloorClient(socket);
            _clients.Add((long)socket.Handle, client);
            _epoll.Watch((int)socket.Handle, (long)socket.Handle);
        }
    }

    private void Read(FloorClient client)
    {
        var count = client.Socket.Receive(_buffer, SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock)
            return;
        if (error != SocketError.Success || count == 0)
        {
            Remove(client);
            return;
        }

        var input = _buffer.AsSpan(0, count);
        if (!client.IsUpgraded)
        {
            client.Upgrade(Encoding.ASCII.GetString(input));
            return;
        }

        foreach (var name in FloorFrame.ReadTexts(input))
            Join(client, name);
    }

    private void Join(FloorClient client, string name)
    {
        if (!_channels.TryGetValue(name, out var channel))
        {
            _channels.Add(name, channel = new FloorChannel(name));
            _redis.Subscribe(name);
        }

        channel.Subscribers.Add(client);
        client.Channels.Add(channel);
        if (channel.IsSubscribed)
            client.Send(FloorFrame.Ok);
    }

    /// <summary>All that Redis has sent becomes one send a subscriber: frames that arrive together leave together.</summary>
    private void Deliver()
    {
        _redis.Receive();
        while (_redis.TryRead(out var kind, out var name, out var payload))
        {
            if (!_channelsByName.TryGetValue(name, out var channel))
                continue;
            if (kind == RespFeed.Kind.Subscribed)
            {
                channel.OnSubscribed();
                continue;
            }

            if (channel.Pending.IsEmpty)
                _touched.Add(channel);
            channel.Append(payload);
        }

        foreach (var channel in _touched)
        {
            foreach (var client in channel.Subscribers)
            {
                if (!client.Send(channel.Pending))
                    client.Socket.Shutdown(SocketShutdown.Both);
            }

            channel.ClearPending();
        }

        _touched.Clear();
    }

    private void Remove(FloorClient client)
    {
        _clients.Remove((long)client.Socket.Handle);
        foreach (var channel in client.Channels)
            channel.Subscribers.Remove(client);
        client.Socket.Dispose();
    }
}
