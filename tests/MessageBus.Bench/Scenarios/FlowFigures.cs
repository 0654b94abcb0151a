using MessageBus.Bench.Load;
using MessageBus.Bench.Report;

namespace MessageBus.Bench.Scenarios;

internal static class FlowFigures
{
    public static Figures Of(FlowReport report, bool hasRate) => new()
    {
        DeliveriesPerSecond = report.Delivered / report.Seconds,
        UserMicros = Each(report.Server.User, report.Delivered),
        SystemMicros = Each(report.Server.System, report.Delivered),
        CpuMicros = Each(report.Server.Total, report.Delivered),
        P50 = report.Latency.P50,
        P99 = report.Latency.P99,
        P999 = report.Latency.P999,
        Kept = hasRate ? report.Kept ? 1 : 0 : null,
        Lost = report.Lost,
        OutOfOrder = report.OutOfOrder,
        Dropped = report.Dropped > 0 ? report.Dropped : null,
        LoadShare = report.LoadShare,
        LoadCoreShare = report.CoreShare,
    };

    public static double? Each(double total, long count) => count > 0 ? total / count : null;
}
