using MessageBus.Delivery;
using MessageBus.Limits;
using MessageBus.Protocol;
using MessageBus.UnitTests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessageBus.UnitTests.Delivery;

/// <summary>A delivery loop on its own thread, with a clock that the test moves.</summary>
internal sealed class LoopUnderTest : IDisposable
{
    public const string Reply = """{"type":"connected"}""";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly TestMeters _meters = new();
    private bool _isRunning;

    public LoopUnderTest(Action<LimitOptions>? configure = null, LoopHistograms? histograms = null)
    {
        var options = new LimitOptions();
        configure?.Invoke(options);
        Loop = new DeliveryLoop(0, options, Time, NullLogger.Instance, histograms ?? new LoopHistograms(_meters));
    }

    public FakeTimeProvider Time { get; } = new();

    public DeliveryLoop Loop { get; }

    /// <summary>The subscribers of a channel that are encoded as the clients here.</summary>
    public static SubscriberGroup Channel(string name) => new LocalChannel(ChannelName.Parse(name), loops: 1).Group(FakeEncoding.Instance);

    /// <summary>What is posted before this is done in one turn.</summary>
    public void Start()
    {
        _isRunning = true;
        Loop.Start();
    }

    /// <summary>A client that is attached.</summary>
    public FakeClient Attach()
    {
        var client = new FakeClient(Loop, Time);
        Loop.Attach(client.Subscriber);
        return client;
    }

    /// <summary>A client that has sent its connect, while the broker is there.</summary>
    public FakeClient Connect()
    {
        var client = Attach();
        Loop.Connected(client.Subscriber, new Said(Reply));
        return client;
    }

    /// <summary>Starts, and returns once all that was posted is done.</summary>
    public void RunToEnd()
    {
        Start();
        Settle();
    }

    public void Publish(SubscriberGroup channel, string text) => Loop.Publish(channel, Frames.Text(text), Time.GetTimestamp());

    /// <summary>Waits until what was posted so far is done and flushed.</summary>
    public void Settle()
    {
        using var settled = new ManualResetEventSlim();
        var last = new FakeClient(Loop, Time);
        last.Output.OnFlush = settled.Set;
        Loop.Writable(last.Subscriber);
        Assert.True(settled.Wait(Limit), "The loop has not come to the end of what was posted.");
    }

    /// <summary>Moves the clock and lets the loop look at its deadlines.</summary>
    public void Advance(TimeSpan duration)
    {
        Time.Advance(duration);
        Loop.Tick();
        Settle();
    }

    public void Dispose()
    {
        if (_isRunning)
        {
            _isRunning = false;
            Loop.Stop();
        }

        _meters.Dispose();
    }
}

/// <summary>A subscriber with its output and its owner.</summary>
internal sealed class FakeClient
{
    public FakeClient(DeliveryLoop loop, FakeTimeProvider time)
    {
        Loop = loop;
        Subscriber = new Subscriber(FakeEncoding.Instance, Output, Owner, time.GetTimestamp());
    }

    public DeliveryLoop Loop { get; }

    public FakeOutput Output { get; } = new();

    public FakeOwner Owner { get; } = new();

    public Subscriber Subscriber { get; }

    public Subscription Subscribe(SubscriberGroup channel, string? reply = null)
    {
        var subscription = new Subscription(Subscriber, channel);
        Loop.Subscribe(subscription, reply is null ? null : new Said(reply));
        return subscription;
    }

    public void Send(string json) => Loop.Send(Subscriber, new Said(json));

    public void Close(CloseReason reason, bool discardBacklog = false) =>
        Loop.Close(Subscriber, Subscriber.Encoding.EncodeClose(reason), discardBacklog);
}
