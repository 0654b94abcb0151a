using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace MessageBus.Sockets;

/// <summary>Makes Kestrel listen through sockets of ours. Other addresses than IP ones stay with Kestrel's own transport.</summary>
internal sealed class OwnedSocketListenerFactory(TimeProvider time, ILogger<OwnedSocketListener> logger)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new(OwnedSocketListener.Bind((IPEndPoint)endpoint, time, logger));
}
