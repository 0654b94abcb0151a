using Microsoft.Extensions.Logging;

namespace MessageBus.Access;

internal sealed partial class ChannelAccess
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The channel authorizer failed to decide about {Operation} on '{Channel}', which is refused.")]
    private partial void LogAuthorizerFailed(Exception exception, ChannelOperation operation, string channel);
}
