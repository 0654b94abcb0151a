using System.Text;
using BenchmarkDotNet.Attributes;
using MessageBus.Protocol;

namespace MessageBus.Bench.Micro;

/// <summary>What a client's message costs before anything is done about it.</summary>
public class ParseCommand
{
    private static readonly CommandReader Reader = new([
        (ConnectCommand.Type, ConnectCommand.Read), (SubscribeCommand.Type, SubscribeCommand.Read), (UnsubscribeCommand.Type, UnsubscribeCommand.Read),
        (PublishCommand.Type, PublishCommand.Read), (RefreshCommand.Type, RefreshCommand.Read), (PingCommand.Type, PingCommand.Read), (PongCommand.Type, PongCommand.Read),
    ]);

    private byte[] _text = [];

    [Params(
        """{"type":"pong"}""",
        """{"type":"subscribe","id":2,"channel":"visitor-management/arrival/42"}""",
        """{"type":"connect","id":1,"subscriptions":[{"channel":"visitor-management/arrival/42"}]}""",
        """{"type":"publish","id":4,"channel":"visitor-management/arrival/42","payload":"hello"}""")]
    public string Text { get; set; } = "";

    [GlobalSetup]
    public void SetUp() => _text = Encoding.UTF8.GetBytes(Text);

    [Benchmark]
    public object? Parse() => Reader.Read(_text);
}
