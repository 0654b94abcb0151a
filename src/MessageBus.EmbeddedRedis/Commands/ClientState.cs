using MessageBus.EmbeddedRedis.PubSub;
using MessageBus.EmbeddedRedis.Resp;

namespace MessageBus.EmbeddedRedis.Commands;

/// <summary>What commands know of their client and change about it. One command at a time uses it.</summary>
internal sealed class ClientState(long id, string addresses, long arrivedAt, OutputQueue output)
{
    public long Id => id;

    /// <summary>Both ends of the socket, as CLIENT INFO shows them.</summary>
    public string Addresses => addresses;

    /// <summary>When it connected, as a timestamp of the server's clock.</summary>
    public long ArrivedAt => arrivedAt;

    /// <summary>What CLIENT SETNAME said; empty when it said nothing.</summary>
    public byte[] Name { get; set; } = [];

    public int Database { get; set; }

    public Subscriber Subscriber { get; } = new(output);

    /// <summary>Takes the reply of the command that is being executed.</summary>
    public RespWriter Reply { get; } = new(RespVersion.Resp2);

    /// <summary>Whether the client is to be closed once its replies are sent. Its further commands are not executed.</summary>
    public bool IsClosing { get; private set; }

    /// <summary>Whether the client turned out to speak HTTP: a web page that reaches for the port.</summary>
    public bool SpeaksHttp { get; private set; }

    /// <summary>Switches the protocol version, for replies and for messages.</summary>
    public void Speak(RespVersion version)
    {
        Reply.Version = version;
        Subscriber.Version = version;
    }

    public void Close() => IsClosing = true;

    public void CloseAsHttp()
    {
        SpeaksHttp = true;
        Close();
    }
}
