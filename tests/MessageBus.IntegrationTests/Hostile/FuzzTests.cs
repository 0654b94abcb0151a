using MessageBus.IntegrationTests.Hostile.Fuzz;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Hostile;

/// <summary>
/// Hundreds of thousands of mutated frames at a gateway in a process of its own. <c>MESSAGEBUS_FUZZ_FRAMES</c> sets how many, <c>MESSAGEBUS_FUZZ_SEED</c>
/// which: a failure names its seed.
/// </summary>
[Collection(nameof(HeavyLoad))]
[Trait("Length", "Long")]
public sealed class FuzzTests
{
    private const int Workers = 8;
    private const int FlatMegabytes = 64;

    private static readonly int Frames = HeavyLoad.Amount("MESSAGEBUS_FUZZ_FRAMES", everyRun: 200_000);
    private static readonly int Seed = HeavyLoad.Amount("MESSAGEBUS_FUZZ_SEED", everyRun: 1);

    [Fact]
    public async Task Each_mutated_frame_gets_a_documented_answer_and_the_process_stays_alive_with_flat_memory()
    {
        await using var gateway = await SeparateGateway.StartAsync();

        // What the process takes to work at all, it takes in the first part.
        await FuzzAsync(gateway, part: 1, Frames / 4);
        var before = ProcessFacts.ResidentMegabytes(gateway.ProcessId);
        await FuzzAsync(gateway, part: 2, Frames - (Frames / 4));
        var after = ProcessFacts.ResidentMegabytes(gateway.ProcessId);

        Assert.True(after < before + FlatMegabytes, $"Memory grew from {before} to {after} MB. Seed {Seed}.");
        await GoodClient.IsServedAtAsync(gateway.Bus);
        await gateway.TerminateAsync();
        Assert.DoesNotContain(gateway.Lines, line => line.Contains(" ERR ", StringComparison.Ordinal) || line.Contains("Exception", StringComparison.Ordinal));
    }

    private static Task FuzzAsync(GatewayProcess gateway, int part, int frames) =>
        Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var random = new Random(unchecked((((Seed * 31) + part) * 31) + worker));
            for (var done = 0; done < frames / Workers;)
            {
                try
                {
                    done += await Eventually.ResultAsync(new FuzzedConnection(random).RunAsync(gateway.Addresses[0]), "a connection of the fuzzer ends", TimeSpan.FromSeconds(60));
                }
                catch (Exception e)
                {
                    Assert.Fail($"MESSAGEBUS_FUZZ_SEED={Seed}, part {part}, worker {worker}, after {done} frames: {e.Message}");
                }
            }
        })));
}
