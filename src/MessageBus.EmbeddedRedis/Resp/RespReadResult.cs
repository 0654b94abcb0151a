namespace MessageBus.EmbeddedRedis.Resp;

/// <summary>What <see cref="RespReader"/> found in the bytes that it was given.</summary>
internal enum RespReadResult
{
    /// <summary>No complete command yet.</summary>
    NeedMore,

    /// <summary>A command; its arguments are in <see cref="RespReader.Arguments"/>.</summary>
    Command,

    /// <summary>Not RESP; what is wrong is in <see cref="RespReader.Problem"/>, and nothing more can be read.</summary>
    ProtocolError,
}
