using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;

namespace MessageBus.IntegrationTests.Support;

/// <summary>
/// A backend service of the plainest kind: RESP over a socket, no Redis library. Its PUBLISHes are pipelined, so that it is as fast as a backend can be.
/// </summary>
public sealed class RespConnection : IDisposable
{
    // A command is written in parts: the last one must not wait for the acknowledgement of the others.
    private readonly TcpClient _tcp = new() { NoDelay = true };
    private readonly PipeWriter _writer;
    private readonly StreamReader _reader;
    private Task _answered = Task.CompletedTask;

    public RespConnection(int port)
    {
        _tcp.Connect("127.0.0.1", port);
        _writer = PipeWriter.Create(_tcp.GetStream());
        _reader = new StreamReader(_tcp.GetStream(), Encoding.Latin1);
    }

    /// <summary>Publishes all and returns when Redis has answered all.</summary>
    public async Task PublishAsync(IEnumerable<(string Channel, byte[] Payload)> publications)
    {
        var answers = 0;
        var pending = 0;
        foreach (var (channel, payload) in publications)
        {
            WritePublish(channel, payload);
            if (++pending - answers >= 500)
            {
                await _writer.FlushAsync();
                for (; answers < pending; answers++)
                {
                    Assert.StartsWith(":", await _reader.ReadLineAsync(), StringComparison.Ordinal);
                }
            }
        }

        await _writer.FlushAsync();
        for (; answers < pending; answers++)
        {
            Assert.StartsWith(":", await _reader.ReadLineAsync(), StringComparison.Ordinal);
        }
    }

    public Task PublishAsync(string channel, byte[] payload) => PublishAsync([(channel, payload)]);

    /// <summary>
    /// Sends all and does not wait for Redis: the task that this returns ends when Redis has answered these and all that were sent so before. Fails where it is
    /// known already that one of those will have no answer.
    /// </summary>
    public async Task<Task> SendAsync(IReadOnlyCollection<(string Channel, byte[] Payload)> publications)
    {
        if (_answered.IsFaulted)
        {
            await _answered;
        }

        foreach (var (channel, payload) in publications)
        {
            WritePublish(channel, payload);
        }

        await _writer.FlushAsync();
        return _answered = ReadAnswersAsync(_answered, publications.Count);
    }

    public void Dispose() => _tcp.Dispose();

    private async Task ReadAnswersAsync(Task before, int count)
    {
        await before;
        for (var n = 0; n < count; n++)
        {
            Assert.StartsWith(":", await _reader.ReadLineAsync(), StringComparison.Ordinal);
        }
    }

    private void WritePublish(string channel, byte[] payload)
    {
        Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"*3\r\n$7\r\nPUBLISH\r\n${Encoding.UTF8.GetByteCount(channel)}\r\n{channel}\r\n${payload.Length}\r\n")));
        Write(payload);
        Write("\r\n"u8);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_writer.GetSpan(bytes.Length));
        _writer.Advance(bytes.Length);
    }
}
