using MessageBus.Delivery;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Fakes;

/// <summary>Remembers what the loop says to a connection.</summary>
internal sealed class FakeOwner : ISubscriberOwner
{
    private readonly List<CloseReason> _closes = [];

    /// <summary>Thrown by every call, where set.</summary>
    public Exception? Fault { get; set; }

    /// <summary>The reasons that the loop wanted the connection closed for.</summary>
    public IReadOnlyList<CloseReason> Closes
    {
        get
        {
            lock (_closes)
            {
                return [.. _closes];
            }
        }
    }

    public int TimesEnded { get; private set; }

    public void Close(CloseReason reason)
    {
        lock (_closes)
        {
            _closes.Add(reason);
        }

        ThrowIfFaulty();
    }

    public void OutputEnded()
    {
        TimesEnded++;
        ThrowIfFaulty();
    }

    private void ThrowIfFaulty()
    {
        if (Fault is not null)
        {
            throw Fault;
        }
    }
}
