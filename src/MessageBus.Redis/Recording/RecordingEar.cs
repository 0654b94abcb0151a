using System.Text;

namespace MessageBus.Redis.Recording;

/// <summary>What comes by the connection that a session subscribes with, said to its <see cref="RecordingState"/> in the order of Redis.</summary>
internal sealed class RecordingEar(HistoryNames names, RecordedChannels channels, RecordingState state)
{
    private readonly string _escapedPrefix = GlobText.Escape(names.Prefix);

    public async Task SubscribeAsync(RespConnection connection)
    {
        string[] literals = [names.Control, names.Marks, .. channels.Names.Select(name => names.Prefix + name)];
        string[] globs = [GlobText.Escape(names.EnvelopePrefix) + "*", .. channels.Globs.Select(glob => _escapedPrefix + glob)];
        await connection.CallAsync(new RespCommand(["SUBSCRIBE", .. literals]), literals.Length);
        await connection.CallAsync(new RespCommand(["PSUBSCRIBE", .. globs]), globs.Length);
    }

    /// <summary>Takes <c>message CHANNEL PAYLOAD</c> or <c>pmessage PATTERN CHANNEL PAYLOAD</c>.</summary>
    public void Hear(RespReply[] push)
    {
        var isPattern = push.Length is 4;
        var channel = push[^2].Text;
        var payload = push[^1].Bytes!;
        if (channel == names.Control)
        {
            HearControl(payload);
        }
        else if (channel == names.Marks)
        {
            state.HearMark(payload);
        }
        else if (channel.StartsWith(names.EnvelopePrefix, StringComparison.Ordinal))
        {
            HearEnvelope(channel[names.EnvelopePrefix.Length..], payload);
        }
        else if (channel.StartsWith(names.Prefix, StringComparison.Ordinal))
        {
            HearMessage(channel[names.Prefix.Length..], isPattern ? push[1].Text[_escapedPrefix.Length..] : null, payload);
        }
    }

    private void HearControl(byte[] payload)
    {
        switch (Encoding.UTF8.GetString(payload).Split(' '))
        {
            case ["took", var token, var cold]:
                state.HearTook(token, cold is "1");
                break;

            case ["echo", ..]:
                state.HearEcho(payload.AsSpan("echo ".Length));
                break;

            case ["tick", "resign"]:
                state.HearResigned();
                break;

            case ["tick"]:
                state.HearTick();
                break;
        }
    }

    private void HearEnvelope(string channel, ReadOnlySpan<byte> envelope)
    {
        var epochEnd = envelope.IndexOf((byte)' ');
        var offsetEnd = epochEnd < 0 ? -1 : envelope[(epochEnd + 1)..].IndexOf((byte)' ');
        if (offsetEnd >= 0)
        {
            state.HearEnvelope(channel, envelope[(epochEnd + offsetEnd + 2)..]);
        }
    }

    private void HearMessage(string channel, string? glob, byte[] payload)
    {
        if (channels.Find(channel, glob ?? channel) is { } bounds)
        {
            state.HearMessage(channel, payload, bounds);
        }
    }
}
