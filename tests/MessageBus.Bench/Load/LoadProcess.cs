using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using MessageBus.Bench.Native;
using MessageBus.Bench.Load.Dialects;

namespace MessageBus.Bench.Load;

/// <summary>
/// The load generator's main loop: one thread carries out the requests and, between them, keeps answering the server's heartbeats.
/// It ends with its standard input, so it never outlives the bench.
/// </summary>
internal static class LoadProcess
{
    private const long IdleTurn = 20_000_000;
    private const int ProbeTurns = 10;

    public static int Run(Target target)
    {
        Libc.MakeTimersPrecise();
        using var requests = new BlockingCollection<string>();
        var input = new Thread(() => ReadLines(requests)) { IsBackground = true };
        input.Start();
        using var crowd = new Crowd(target, DialectOf(target.Dialect));
        var flow = new Flow(crowd, target);
        while (!requests.IsCompleted)
        {
            if (requests.TryTake(out var line))
                Console.WriteLine(JsonSerializer.Serialize(Answer(line, crowd, flow, target)));
            else
                crowd.Turn(IdleTurn);
        }

        return 0;
    }

    private static void ReadLines(BlockingCollection<string> requests)
    {
        while (Console.In.ReadLine() is { } line)
            requests.Add(line);
        requests.CompleteAdding();
    }

    private static Dialect DialectOf(string name) => name switch
    {
        "messagebus" => new MessageBusDialect(),
        "plain" => new PlainDialect(),
        "signalr" => new SignalRDialect(),
        "socketio" => new SocketIoDialect(),
        _ => throw new ArgumentException($"no dialect {name}"),
    };

    private static LoadReport Answer(string line, Crowd crowd, Flow flow, Target target)
    {
        try
        {
            switch (JsonSerializer.Deserialize<LoadRequest>(line))
            {
                case OpenRequest open:
                    return Open(open, crowd, target);
                case DropRequest:
                    crowd.Drop();
                    return new Done();
                case StallRequest stall:
                    crowd.Stall(stall.Connections);
                    return new Done();
                case FlowRequest request:
                    return flow.Run(request);
                case RecoverRequest recover:
                    return Recover(recover, crowd, flow, target);
                default:
                    return new Refused($"unknown request {line}");
            }
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException or JsonException)
        {
            return new Refused(failure.Message);
        }
    }

    private static OpenReport Open(OpenRequest request, Crowd crowd, Target target)
    {
        var meter = new Meter(target);
        crowd.Open(request);
        var seconds = meter.Seconds;
        using var redis = new RedisQuestion(target.RedisPort);
        target.Channels = redis.SubscribedChannels();
        return new OpenReport(crowd.Ready, crowd.Failed, crowd.LastFailure, seconds, crowd.Resumed, meter.Server, meter.LoadShare, Quantiles.Of(crowd.Connecting));
    }

    private static RecoverReport Recover(RecoverRequest request, Crowd crowd, Flow flow, Target target)
    {
        target.RedisProcess = request.RedisProcess;
        var start = Stopwatch.GetTimestamp();
        using var redis = new RedisQuestion(target.RedisPort);
        crowd.ReconnectPublisher();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < request.TimeoutSeconds)
        {
            var subscriptions = redis.SubscribedChannels();
            if (subscriptions >= target.Channels && Delivers(crowd))
                return new RecoverReport(true, Stopwatch.GetElapsedTime(start).TotalSeconds, subscriptions, flow.RunOnceRound(Stamp.Bytes));
            crowd.Turn(IdleTurn);
        }

        return new RecoverReport(false, request.TimeoutSeconds, redis.SubscribedChannels(), null);
    }

    /// <summary>Redis has the channels a moment before a server trusts it again and delivers: one publication is tried.</summary>
    private static bool Delivers(Crowd crowd)
    {
        crowd.Tally.Begin();
        crowd.Publish(0, Stamp.Bytes, Stopwatch.GetTimestamp());
        for (var turns = 0; turns < ProbeTurns && !crowd.Tally.AllDelivered; turns++)
            crowd.Turn(IdleTurn);
        return crowd.Tally.AllDelivered;
    }
}
