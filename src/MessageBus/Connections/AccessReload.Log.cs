using Microsoft.Extensions.Logging;

namespace MessageBus.Connections;

internal sealed partial class AccessReload
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The configuration has changed: {Rules} rules for channels are in force. Connections are held against them. {Keys} API keys count.")]
    private partial void LogTakenOver(int rules, int keys);

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed configuration is not taken over, what was in force stays: {Problem}")]
    private partial void LogRefused(string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed configuration is not taken over, what was in force stays: 'MessageBus:Channels' is gone. To close every channel write one rule with the pattern '**'; to run without rules start anew.")]
    private partial void LogRulesMissing();

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed configuration is not taken over, what was in force stays: 'MessageBus:ApiKeys' is gone. To run without keys start anew.")]
    private partial void LogKeysMissing();

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed configuration could not be read, what was in force stays.")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The rights of connection {Connection} could not be looked at again; it is closed.")]
    private partial void LogReviewFailed(Exception exception, string connection);
}
