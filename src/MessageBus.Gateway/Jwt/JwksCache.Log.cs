namespace MessageBus.Gateway.Jwt;

internal sealed partial class JwksCache
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The issuer at {Address} has {Count} keys for tokens.")]
    private partial void LogFetched(Uri address, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The keys of the issuer at {Address} cannot be fetched: {Problem} The {Count} keys fetched before stay; it is tried again when a token comes.")]
    private partial void LogFailed(Uri address, string problem, int count);
}
