using Microsoft.Extensions.Logging;

namespace MessageBus.Redis.Recording;

internal sealed partial class RecordingSession
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis refuses to record history: {Error}. Messages pass live and without positions until it takes writes again.")]
    private partial void LogNotRecording(string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A command of the recorder failed: {Error}")]
    private partial void LogHandFailed(string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The recording session ends and begins anew: {Fault}")]
    private partial void LogOutOfStep(string fault);
}
