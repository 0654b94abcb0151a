using System.Diagnostics;
using System.Globalization;
using MessageBus.IntegrationTests.Support;
using Xunit.Abstractions;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>
/// Faults in any order. Two of them by default; for longer: MESSAGEBUS_FAULT_MINUTES=30 dotnet test tests/MessageBus.IntegrationTests --filter RandomFaultTests.
/// What it prints as its seed repeats the same faults: MESSAGEBUS_FAULT_SEED.
/// </summary>
[Trait("Sockets", "Either")]
public sealed class RandomFaultTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Whatever_fails_and_in_whatever_order_nothing_is_lost_without_a_word()
    {
        var seed = Number("MESSAGEBUS_FAULT_SEED") ?? Random.Shared.Next();
        var length = TimeSpan.FromMinutes(Number("MESSAGEBUS_FAULT_MINUTES") ?? 0);
        output.WriteLine($"MESSAGEBUS_FAULT_SEED={seed}");
        var random = new Random(seed);
        await using var bus = await FaultedBus.StartAsync(canaryInterval: TimeSpan.FromSeconds(1));
        var faults = FaultsOf(bus, random);

        var running = Stopwatch.StartNew();
        for (var done = 1; done <= 2 || running.Elapsed < length; done++)
        {
            var (name, fault) = faults[random.Next(faults.Count)];
            output.WriteLine($"{running.Elapsed:c} {name}");
            await fault();
            await bus.HealsAsync(done);
        }

        await bus.EndsWellAsync();
    }

    private static List<(string Name, Func<Task> Fault)> FaultsOf(FaultedBus bus, Random random)
    {
        return
        [
            ("Redis is killed and started again", async () =>
            {
                await bus.Redis.KillAsync();
                await bus.NoneIsReadyAsync();
                await PauseAsync();
                await bus.Redis.RestartAsync();
            }),
            ("Redis is frozen and thawed", async () =>
            {
                bus.Redis.Freeze();
                await bus.NoneIsReadyAsync();
                await PauseAsync();
                bus.Redis.Thaw();
            }),
            ("the links are half open", () => Now(bus.Proxy.Swallow)),
            ("deliveries are swallowed", () => Now(bus.Proxy.SwallowDeliveries)),
            ("the links are cut", () => Now(bus.Proxy.Cut)),
            ("the subscribers are killed", () => RedisCli.RunAsync(bus.Redis.Port, "CLIENT", "KILL", "TYPE", "pubsub")),
        ];

        Task PauseAsync() => Task.Delay(random.Next(2000));

        static Task Now(Action fault)
        {
            fault();
            return Task.CompletedTask;
        }
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
