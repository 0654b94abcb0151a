namespace MessageBus.Gateway.Jwt;

internal sealed partial class JwtKeyRing
{
    [LoggerMessage(Level = LogLevel.Information, Message = "MessageBus:Jwt was read again: {Count} configured keys.")]
    private partial void LogReloaded(int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed configuration cannot be used, and tokens are judged as before: {Problem}")]
    private partial void LogNotReloaded(string problem);
}
