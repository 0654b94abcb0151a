using MessageBus.Limits;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MessageBus.Gateway.Configuration;

/// <summary>
/// Cuts a connection on which no request has come within <see cref="LimitOptions.ConnectTimeout"/>: one that says nothing, or says it letter by
/// letter. The server itself would wait 130 s for the first letter and 30 s more for the rest, in which a few thousand of them take its file descriptors.
/// It looks at the server's own heartbeat, so that no connection has a timer.
/// </summary>
internal static class FirstRequestDeadline
{
    /// <summary>For every address that is configured behind this.</summary>
    public static void AddFirstRequestDeadline(this KestrelServerOptions kestrel)
    {
        var limit = kestrel.ApplicationServices.GetRequiredService<LimitOptions>().ConnectTimeout;
        var time = kestrel.ApplicationServices.GetRequiredService<TimeProvider>();
        kestrel.ConfigureEndpointDefaults(listen => ((IConnectionBuilder)listen).Use(next => connection =>
        {
            var first = new FirstRequest(connection, limit, time);
            connection.Features.Set(first);
            connection.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static state => ((FirstRequest)state).Check(), first);
            return next(connection);
        }));
    }

    /// <summary>Before everything else that looks at a request.</summary>
    public static void UseFirstRequestDeadline(this WebApplication app) =>
        app.Use((context, next) =>
        {
            // What the connection has, its requests have too.
            context.Features.Get<FirstRequest>()?.Came();
            return next(context);
        });

    private sealed class FirstRequest(ConnectionContext connection, TimeSpan limit, TimeProvider time)
    {
        private readonly long _since = time.GetTimestamp();
        private volatile bool _isOver;

        public void Came() => _isOver = true;

        public void Check()
        {
            if (!_isOver && time.GetElapsedTime(_since) > limit)
            {
                _isOver = true;
                connection.Abort(new ConnectionAbortedException("No request came in time (MessageBus:Limits:ConnectTimeout)."));
            }
        }
    }
}
