using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MessageBus.Redis.Wire;

/// <summary>
/// One attempt to open a link, and why it failed. The client throws the cause only where Redis refuses the password; everything else it writes to its log, or
/// does not know: how far the attempt came, and what was said first.
/// </summary>
internal sealed class DialAttempt(bool isSecure) : ILoggerFactory, ILogger
{
    private const int LongestAnswer = 200;

    private readonly ConcurrentQueue<Exception> _failures = [];
    private volatile bool _isConnected;
    private volatile bool _isSecured;
    private volatile string? _refusal;

    /// <summary>The socket is open.</summary>
    public void Connected() => _isConnected = true;

    public void Secured() => _isSecured = true;

    public void Failed(Exception e) => _failures.Enqueue(e);

    /// <summary>What the other side says: kept where it is a refusal, or no Redis' answer at all.</summary>
    public void Heard(ReadOnlySpan<byte> frame, bool isResp)
    {
        if (_refusal is null && (!isResp || frame[0] is (byte)'-'))
        {
            var line = frame[..Math.Min(frame.Length, LongestAnswer)];
            var end = line.IndexOfAny((byte)'\r', (byte)'\n');
            var text = Encoding.ASCII.GetString(end < 0 ? line : line[..end]);
            _refusal = isResp ? text[1..] : $"it is no Redis: it answers '{new string([.. text.Where(c => c is >= ' ' and <= '~')])}'";
        }
    }

    /// <summary>Why it failed, in one sentence without a full stop, in Redis' own words where it has said any.</summary>
    public DialFailure Failure(Exception thrown)
    {
        var all = _failures.Append(thrown).SelectMany(Causes).ToList();
        return Known(all) is { } known ? new DialFailure(known, isGuess: false, thrown) : new DialFailure(Guess(all), isGuess: true, thrown);
    }

    private string? Known(List<Exception> all) =>
        (all.Find(e => e is RedisServerException) ?? all.Find(e => e is AuthenticationException) ?? all.Find(e => e is SocketException { SocketErrorCode: not SocketError.OperationAborted })) switch
        {
            RedisServerException said => said.Message,
            AuthenticationException failed => $"TLS failed: {failed.Message}",
            _ when _refusal is not null => _refusal,
            SocketException failed => failed.Message,
            _ => Refused(all),
        };

    private string Guess(List<Exception> all) =>
        !_isConnected ? "it does not answer"
        : isSecure && !_isSecured ? "it does not answer the TLS handshake; does the port speak TLS?"
        : all.Exists(e => e is RedisConnectionException { FailureType: ConnectionFailureType.SocketClosed })
            ? "it closes the connection at once (maxclients, protected mode, TLS only, or a proxy)"
        : "it accepts the connection but does not answer";

    /// <summary>Whether an answer means that the next attempt will hear the same, until an operator has changed something.</summary>
    public static bool IsAboutCredentials(string reason) =>
        reason.StartsWith("WRONGPASS", StringComparison.Ordinal) || reason.StartsWith("NOAUTH", StringComparison.Ordinal) || reason.StartsWith("NOPERM", StringComparison.Ordinal)
        || reason.Contains("invalid password", StringComparison.Ordinal);

    ILogger ILoggerFactory.CreateLogger(string categoryName) => this;

    void ILoggerFactory.AddProvider(ILoggerProvider provider)
    {
    }

    void IDisposable.Dispose()
    {
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        // Once the link is open it goes on to log: what it was opened for is over then.
        if (exception is not null && _failures.Count < 32)
        {
            _failures.Enqueue(exception);
        }
    }

    /// <summary>Redis' answer to the handshake, which the client wraps into an exception of its own.</summary>
    private static string? Refused(List<Exception> all) =>
        all.Find(e => e is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure }) is { } failed ? failed.Message : null;

    private static IEnumerable<Exception> Causes(Exception e)
    {
        for (var cause = e is AggregateException many ? many.GetBaseException() : e; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }
}
