using System.Net.Security;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace MessageBus.IntegrationTests.Support;

/// <summary>A WebSocket client that speaks the wire protocol by hand: what it sends is JSON text, what it got is read frame by frame.</summary>
public sealed class BusClient : IAsyncDisposable
{
    private readonly WebSocket _socket;
    private readonly HttpMessageInvoker? _http;
    private readonly Channel<JsonElement> _received = System.Threading.Channels.Channel.CreateUnbounded<JsonElement>();
    private readonly CancellationTokenSource _disposed = new();
    private readonly TaskCompletionSource _mayRead = new();
    private readonly Task _reading;
    private int _lastId;
    private volatile bool _forgets;

    private BusClient(WebSocket socket, HttpMessageInvoker? http, bool paused)
    {
        _socket = socket;
        _http = http;
        if (!paused)
        {
            _mayRead.SetResult();
        }

        _reading = ReadAsync();
    }

    /// <summary>The code of the close frame, once there was one.</summary>
    public int? CloseCode => (int?)_socket.CloseStatus;

    public string? CloseText => _socket.CloseStatusDescription;

    public string? Subprotocol => _socket.SubProtocol;

    /// <summary>Opens the WebSocket, without a connect command. <paramref name="paused"/>: reads nothing before <see cref="Resume"/>.</summary>
    public static Task<BusClient> OpenAsync(Uri address, Version? httpVersion = null, bool paused = false, params string[] subprotocols) =>
        OpenAsync(address, headers: [], httpVersion, paused, subprotocols);

    /// <summary>Opens the WebSocket with headers of its own, such as <c>Authorization</c>.</summary>
    public static async Task<BusClient> OpenAsync(
        Uri address, IEnumerable<(string Name, string Value)> headers, Version? httpVersion = null, bool paused = false, params string[] subprotocols)
    {
        var socket = new ClientWebSocket();
        foreach (var (name, value) in headers)
        {
            socket.Options.SetRequestHeader(name, value);
        }

        HttpMessageInvoker? http = null;
        Array.ForEach(subprotocols, socket.Options.AddSubProtocol);
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        if (address.Scheme is "wss" || httpVersion is not null)
        {
            // Self-made certificates are what the tests serve.
            http = new HttpMessageInvoker(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true } });
        }

        if (httpVersion is not null)
        {
            socket.Options.HttpVersion = httpVersion;
            socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }

        await Eventually.DoneAsync(socket.ConnectAsync(address, http, CancellationToken.None), $"a WebSocket to {address} opens");
        return new BusClient(socket, http, paused);
    }

    /// <summary>Opens the WebSocket, connects and subscribes; returns once everything is acknowledged.</summary>
    public static async Task<BusClient> ConnectAsync(Uri address, params string[] channels)
    {
        var client = await OpenAsync(address);
        await client.ConnectAsync(channels);
        return client;
    }

    /// <summary>Connects with a token in the command.</summary>
    public async Task<JsonElement> ConnectWithAsync(string token)
    {
        await SendAsync(new { type = "connect", id = NextId(), token });
        return await ExpectAsync("connected");
    }

    public async Task<JsonElement> ConnectAsync(params string[] channels)
    {
        await SendAsync(new { type = "connect", id = NextId(), subscriptions = channels.Select(channel => new { channel }) });
        var connected = await ExpectAsync("connected");
        foreach (var _ in channels)
        {
            await ExpectAsync("subscribed");
        }

        return connected;
    }

    public async Task SubscribeAsync(string channel)
    {
        await SendAsync(new { type = "subscribe", id = NextId(), channel });
        Assert.Equal(channel, (await ExpectAsync("subscribed")).GetProperty("channel").GetString());
    }

    /// <summary>Publishes and awaits the reply, over which nothing else may come.</summary>
    public async Task PublishAsync(string channel, string payload)
    {
        await SendAsync(new { type = "publish", id = NextId(), channel, payload });
        await ExpectAsync("published");
    }

    public Task SendAsync(object command) => SendTextAsync(JsonSerializer.Serialize(command));

    public Task SendTextAsync(string text) => SendBytesAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public Task SendBytesAsync(byte[] bytes, WebSocketMessageType type) =>
        _socket.SendAsync(bytes, type, endOfMessage: true, CancellationToken.None);

    /// <summary>All that comes, until the connection has ended.</summary>
    public IAsyncEnumerable<JsonElement> ReadAllAsync(CancellationToken cancellationToken) => _received.Reader.ReadAllAsync(cancellationToken);

    /// <summary>The next message; fails where none comes.</summary>
    public async Task<JsonElement> NextAsync(string expected = "any message")
    {
        var more = await Eventually.ResultAsync(_received.Reader.WaitToReadAsync().AsTask(), $"the client gets {expected}");
        Assert.True(more, $"Expected {expected}, but the connection was closed with {CloseCode} {CloseText}");
        Assert.True(_received.Reader.TryRead(out var message));
        return message;
    }

    /// <summary>The next message, which must be of this type.</summary>
    public async Task<JsonElement> ExpectAsync(string type)
    {
        var message = await NextAsync($"a message of type '{type}'");
        Assert.True(message.GetProperty("type").GetString() == type, $"Expected type '{type}', got {message}");
        return message;
    }

    public async Task<string> ExpectErrorAsync() => (await ExpectAsync("error")).GetProperty("code").GetString()!;

    /// <summary>The payload of the next message, which must be a publication on the channel.</summary>
    public async Task<byte[]> ExpectPayloadAsync(string channel)
    {
        var message = await ExpectAsync("message");
        Assert.Equal(channel, message.GetProperty("channel").GetString());
        return PayloadOf(message);
    }

    /// <summary>The payload of a publication, in whichever of its two forms.</summary>
    public static byte[] PayloadOf(JsonElement message) => message.TryGetProperty("base64", out var base64)
        ? base64.GetBytesFromBase64()
        : Encoding.UTF8.GetBytes(message.GetProperty("payload").GetString()!);

    /// <summary>The same for a payload that is text.</summary>
    public async Task<string> ExpectTextAsync(string channel) => Encoding.UTF8.GetString(await ExpectPayloadAsync(channel));

    /// <summary>Whether nothing has arrived that was not read.</summary>
    public bool IsQuiet => _received.Reader.Count is 0;

    /// <summary>Waits for the gateway to close the connection. Returns the close code.</summary>
    public async Task<int?> ExpectCloseAsync(TimeSpan? limit = null)
    {
        await Eventually.DoneAsync(_reading, "the gateway closes the connection", limit);
        return CloseCode;
    }

    /// <summary>From now on what arrives is read and thrown away.</summary>
    public void ForgetReceived() => _forgets = true;

    public void Resume() => _mayRead.TrySetResult();

    public async Task CloseAsync()
    {
        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await ExpectCloseAsync();
    }

    /// <summary>Cuts the transport without a close frame.</summary>
    public void Abort() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        Resume();
        await _disposed.CancelAsync();
        await _reading;
        _socket.Dispose();
        _http?.Dispose();
        _disposed.Dispose();
    }

    private int NextId() => Interlocked.Increment(ref _lastId);

    private async Task ReadAsync()
    {
        await _mayRead.Task;
        var buffer = new byte[64 * 1024];
        var length = 0;
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(length), _disposed.Token);
                if (part.MessageType is WebSocketMessageType.Close)
                {
                    if (_socket.State is WebSocketState.CloseReceived)
                    {
                        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    }

                    break;
                }

                length += part.Count;
                if (part.EndOfMessage && _forgets)
                {
                    length = 0;
                }
                else if (part.EndOfMessage)
                {
                    using var document = JsonDocument.Parse(buffer.AsMemory(0, length));
                    _received.Writer.TryWrite(document.RootElement.Clone());
                    length = 0;
                }
                else if (length == buffer.Length)
                {
                    Array.Resize(ref buffer, buffer.Length * 2);
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            // The transport ended; what was received before can still be read.
        }

        _received.Writer.Complete();
    }
}
