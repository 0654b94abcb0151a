namespace MessageBus.Diagnostics;

/// <summary>The tags of the health checks that MessageBus adds.</summary>
public static class HealthTags
{
    /// <summary>Decides whether a load balancer should send connections here.</summary>
    public const string Ready = "ready";
}
