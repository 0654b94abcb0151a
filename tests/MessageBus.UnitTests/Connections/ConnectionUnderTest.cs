using MessageBus.Access;
using MessageBus.Brokers;
using MessageBus.Connections;
using MessageBus.Delivery;
using MessageBus.Limits;
using MessageBus.Protocol;
using MessageBus.Publishing;
using MessageBus.UnitTests.Delivery;
using MessageBus.UnitTests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessageBus.UnitTests.Connections;

/// <summary>What a connection is made of, without a transport: what it sends is collected, and nothing is read.</summary>
internal sealed class ConnectionUnderTest : IDisposable
{
    private readonly LoopUnderTest _loop = new();
    private readonly ServiceProvider _services;

    public ConnectionUnderTest(Action<MessageBusOptions>? configure = null, Action<IServiceCollection>? addCommands = null)
    {
        Options.AllowAnonymous = true;
        configure?.Invoke(Options);
        Directory = new ChannelDirectory(Broker, Options.Delivery, loops: 1, _loop.Time);
        Access = new ChannelAccess(Options, [], _loop.Time, NullLogger<ChannelAccess>.Instance);
        var services = new ServiceCollection()
            .AddSingleton<AccessOptions>(Options)
            .AddSingleton(Options.Limits)
            .AddSingleton<IBroker>(Broker)
            .AddSingleton(Access)
            .AddSingleton(new CommandRates(Options.Limits, _loop.Time))
            .AddSingleton<TokenAuthentication>()
            .AddSingleton<PublicationCounters>()
            .AddSingleton<Publisher>()
            .AddSingleton<CommandDispatcher>()
            .AddClientCommands();
        addCommands?.Invoke(services);
        _services = services.BuildServiceProvider();
        Dispatcher = _services.GetRequiredService<CommandDispatcher>();

        var limits = new ConnectionLimits(Options.Limits, _loop.Time, NullLogger<ConnectionLimits>.Instance);
        Assert.True(limits.TryEnter(address: null, user: null, out var lease, out _));
        var identity = new ConnectionIdentity("c-1", Caller.Anonymous, Remote: null, _loop.Time.GetUtcNow(), Expires: null);
        Connection = new Connection(
            identity, lease, Transport, Output, _loop.Loop, Dispatcher, Access, Directory, _loop.Time, NullLogger.Instance);
        _loop.Loop.BrokerRestored();
        _loop.Start();
    }

    public MessageBusOptions Options { get; } = new();

    public FakeBroker Broker { get; } = new();

    public ChannelDirectory Directory { get; }

    public ChannelAccess Access { get; }

    public CommandDispatcher Dispatcher { get; }

    public FakeTransport Transport { get; } = new();

    public FakeOutput Output { get; } = new();

    public Connection Connection { get; }

    /// <summary>What was sent so far.</summary>
    public IReadOnlyList<string> Sent
    {
        get
        {
            _loop.Settle();
            return Output.Texts;
        }
    }

    /// <summary>Answers the broker's next call, which must be this one.</summary>
    public async Task AnswerAsync(string call, BrokerResult result = BrokerResult.Accepted)
    {
        var next = await Broker.NextCallAsync();
        Assert.Equal(call, next.What);
        next.Answer(result);
    }

    public int SubscribersOf(string channel) => Directory.TryFind(ChannelName.Parse(channel), out var found) ? found.Count : 0;

    public void Dispose()
    {
        _loop.Dispose();
        _services.Dispose();
    }
}
