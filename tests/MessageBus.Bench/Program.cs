using System.CommandLine;
using BenchmarkDotNet.Running;
using MessageBus.Bench;
using MessageBus.Bench.Load;
using MessageBus.Bench.Micro;
using MessageBus.Bench.Peers;
using MessageBus.Bench.Processes;

var root = new ScenarioCommand().Build();
root.Subcommands.Add(Role("micro", "Micro-benchmarks of single steps; takes BenchmarkDotNet's arguments, such as --filter", arguments =>
{
    BenchmarkSwitcher.FromAssembly(typeof(MicroConfig).Assembly).Run(arguments, new MicroConfig());
    return Task.FromResult(0);
}));

// What the bench starts itself as: its load generator and the peers written in C#.
root.Subcommands.Add(Role("load", hidden: true, run: arguments => Task.FromResult(LoadProcess.Run(LoadClient.ParseTarget(arguments)))));
root.Subcommands.Add(Role("serve", hidden: true, run: arguments => Peer.ServeAsync(arguments[0], PeerOptions.Parse(arguments[1..]))));

return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

static Command Role(string name, string description = "", Func<string[], Task<int>>? run = null, bool hidden = false)
{
    var arguments = new Argument<string[]>("arguments") { Arity = ArgumentArity.ZeroOrMore };
    var command = new Command(name, description) { arguments };
    command.Hidden = hidden;
    command.TreatUnmatchedTokensAsErrors = false;
    command.SetAction(parsed => run!([.. parsed.GetValue(arguments) ?? [], .. parsed.UnmatchedTokens]));
    return command;
}
