namespace MessageBus.Gateway.Jwt;

internal sealed partial class JwksCache
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The JWK set at {Address} has {Count} keys for tokens.")]
    private partial void LogFetched(Uri address, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The JWK set at {Address} cannot be used: {Problem} The {Count} keys fetched before stay; it is tried again when a token comes.")]
    private partial void LogFailed(Uri address, string problem, int count);
}
