using System.Net;
using MessageBus.Limits;
using Microsoft.Extensions.Logging;

namespace MessageBus.UnitTests.Limits;

public sealed class ConnectionLimitsTests
{
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress There = IPAddress.Parse("192.0.2.2");

    private readonly FakeTimeProvider _time = new();
    private readonly KeptWarnings _log = new();

    [Fact]
    public void The_last_place_is_taken_and_the_next_one_is_free_once_somebody_has_left()
    {
        var limits = With(options => options.MaxConnections = 2);
        var first = Enter(limits, Here, "a");
        Enter(limits, There, "b");

        Assert.Equal(Limit.MaxConnections, Refused(limits, IPAddress.Parse("192.0.2.3"), "c").Limit);
        first.Dispose();
        Enter(limits, Here, "c");

        Assert.Equal(Limit.MaxConnections, Refused(limits, Here, "d").Limit);
    }

    [Fact]
    public void An_address_has_places_of_its_own()
    {
        var limits = With(options => options.MaxConnectionsPerAddress = 2);
        Enter(limits, Here, "a");
        var second = Enter(limits, Here, user: null);

        Assert.Equal(Limit.MaxConnectionsPerAddress, Refused(limits, Here, "b").Limit);
        Enter(limits, There, "b");
        second.Dispose();

        Enter(limits, Here, "b");
    }

    [Fact]
    public void A_user_has_places_of_their_own_and_nobody_has_none()
    {
        var limits = With(options => options.MaxConnectionsPerUser = 1);
        var first = Enter(limits, Here, "a");

        Assert.Equal(Limit.MaxConnectionsPerUser, Refused(limits, There, "a").Limit);
        Enter(limits, Here, "b");
        Enter(limits, Here, user: null);
        Enter(limits, Here, user: null);
        first.Dispose();

        Enter(limits, There, "a");
    }

    [Fact]
    public void A_refused_one_takes_no_place_of_any_kind()
    {
        var limits = With(options => (options.MaxConnections, options.MaxConnectionsPerAddress, options.MaxConnectionsPerUser) = (2, 2, 1));
        Enter(limits, Here, "a");
        Refused(limits, Here, "a");
        Refused(limits, Here, "a");

        Enter(limits, Here, "b");
    }

    [Fact]
    public void A_place_is_given_back_once_however_often_it_is_disposed()
    {
        var limits = With(options => (options.MaxConnections, options.MaxConnectionsPerAddress, options.MaxConnectionsPerUser) = (2, 2, 2));
        var first = Enter(limits, Here, "a");
        Enter(limits, Here, "a");

        first.Dispose();
        first.Dispose();
        Enter(limits, Here, "a");

        Refused(limits, Here, "a");
    }

    [Fact]
    public void Who_is_known_late_counts_from_then_on()
    {
        var limits = With(options => options.MaxConnectionsPerUser = 1);
        var known = Enter(limits, Here, "a");
        var late = Enter(limits, Here, user: null);

        Assert.False(late.TryChangeUser("a"));
        Assert.True(late.TryChangeUser("b"));
        Assert.True(late.TryChangeUser("b"));
        Refused(limits, Here, "b");
        known.Dispose();
        Assert.True(late.TryChangeUser("a"));

        Enter(limits, Here, "b");
        late.Dispose();
        Enter(limits, Here, "a");
    }

    [Fact]
    public void Handshakes_of_an_address_are_limited_by_time_and_take_nothing_from_the_others()
    {
        var limits = With(options => (options.MaxHandshakesPerSecondPerAddress, options.MaxHandshakesPerSecond) = (2, 3));

        Assert.Equal([true, true, false, false, false], Enumerable.Range(0, 5).Select(_ => limits.CountHandshake(Here) is null));
        Assert.Equal(new LimitReached(Limit.MaxHandshakesPerSecondPerAddress, TimeSpan.FromMilliseconds(500)), limits.CountHandshake(Here));
        Assert.Null(limits.CountHandshake(There));
        _time.Advance(TimeSpan.FromMilliseconds(500));

        Assert.Null(limits.CountHandshake(Here));
    }

    [Fact]
    public void Handshakes_of_all_are_limited_by_time()
    {
        var limits = With(options => options.MaxHandshakesPerSecond = 2);

        Assert.Null(limits.CountHandshake(Here));
        Assert.Null(limits.CountHandshake(address: null));
        Assert.Equal(new LimitReached(Limit.MaxHandshakesPerSecond, TimeSpan.FromMilliseconds(500)), limits.CountHandshake(There));
        _time.Advance(TimeSpan.FromMilliseconds(500));

        Assert.Null(limits.CountHandshake(There));
    }

    [Fact]
    public void Addresses_are_forgotten_once_nothing_is_to_be_known_of_them()
    {
        var limits = With(_ => { });
        Enter(limits, Here, user: null);

        for (var n = 0u; n < 100_000; n++)
        {
            limits.CountHandshake(new IPAddress(n));
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.InRange(limits.Addresses, 1, 3000);
        Assert.Equal(Limit.MaxConnectionsPerAddress, RefusedAfter(limits, Here, MaxPerAddress - 1).Limit);
    }

    [Fact]
    public async Task Of_many_at_once_exactly_as_many_get_in_as_there_are_places()
    {
        const int Tries = 20_000;
        const int Places = 100;
        var limits = With(options => options.MaxConnections = Places);
        var threads = Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, Tries / 8).Count(_ => limits.TryEnter(Here, "a", out var _, out var _))));

        var entered = await Task.WhenAll(threads);

        Assert.Equal(Places, entered.Sum());
    }

    [Fact]
    public async Task However_they_come_and_go_all_places_are_free_in_the_end()
    {
        var limits = With(options => (options.MaxConnections, options.MaxConnectionsPerAddress, options.MaxConnectionsPerUser) = (5, 4, 3));
        var threads = Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var n = 0; n < 5000; n++)
            {
                if (limits.TryEnter(n % 2 is 0 ? Here : There, $"{n % 3}", out var lease, out _))
                {
                    lease.TryChangeUser($"{thread % 3}");
                    lease.Dispose();
                }
            }
        }));

        await Task.WhenAll(threads);

        string[] users = ["0", "0", "0", "1"];
        Assert.All(users, user => Enter(limits, Here, user));
        Enter(limits, There, "1");
        Refused(limits, There, "1");
    }

    [Fact]
    public void The_log_has_one_line_a_minute_for_each_limit_and_names_the_option()
    {
        var limits = With(options => (options.MaxConnections, options.MaxHandshakesPerSecondPerAddress) = (1, 1));
        Enter(limits, Here, user: null);
        for (var n = 0; n < 10; n++)
        {
            Refused(limits, Here, user: null);
            limits.CountHandshake(Here);
        }

        Assert.Equal(2, _log.Lines.Count);
        Assert.Contains("MessageBus:Limits:MaxConnections (1)", _log.Lines[0], StringComparison.Ordinal);
        Assert.Contains("MessageBus:Limits:MaxHandshakesPerSecondPerAddress (1)", _log.Lines[1], StringComparison.Ordinal);
        Assert.Contains("MessageBus:Proxies", _log.Lines[1], StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromMinutes(1));
        Refused(limits, Here, user: null);
        Assert.Equal(3, _log.Lines.Count);
    }

    private const int MaxPerAddress = 10_000;

    private ConnectionLimits With(Action<LimitOptions> configure)
    {
        var options = new LimitOptions();
        configure(options);
        return new ConnectionLimits(options, _time, _log);
    }

    private static ConnectionLease Enter(ConnectionLimits limits, IPAddress address, string? user)
    {
        Assert.True(limits.TryEnter(address, user, out var lease, out var reached), $"{reached}");
        return lease;
    }

    private static LimitReached Refused(ConnectionLimits limits, IPAddress address, string? user)
    {
        Assert.False(limits.TryEnter(address, user, out _, out var reached));
        return reached;
    }

    private static LimitReached RefusedAfter(ConnectionLimits limits, IPAddress address, int entered)
    {
        for (var n = 0; n < entered; n++)
        {
            Enter(limits, address, user: null);
        }

        return Refused(limits, address, user: null);
    }

    private sealed class KeptWarnings : ILogger<ConnectionLimits>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
