namespace MessageBus.EmbeddedRedis.Resp;

/// <summary>The protocol version that a client speaks: 2 until it asks for 3 with <c>HELLO 3</c>.</summary>
internal enum RespVersion
{
    Resp2 = 2,
    Resp3 = 3,
}
