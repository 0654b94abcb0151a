namespace MessageBus.Bench.Load.Dialects;

/// <summary>For peers that have no protocol of their own: a message with the channel's name joins it, <c>ok</c> says it is subscribed.</summary>
internal sealed class PlainDialect : Dialect
{
    public override string Path => "/bus";

    public override IReadOnlyList<Turn> Join(IReadOnlyList<string> channels) => [new(channels, Utf8("ok"), channels.Count)];
}
