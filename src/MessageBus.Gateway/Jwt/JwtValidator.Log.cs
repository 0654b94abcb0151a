namespace MessageBus.Gateway.Jwt;

internal sealed partial class JwtValidator
{
    // The kind only: neither the token nor what it says belongs into a log.
    [LoggerMessage(Level = LogLevel.Debug, Message = "A token was refused: {Fault}. 'token inspect' says more about one.")]
    private partial void LogRefused(TokenFault fault);
}
