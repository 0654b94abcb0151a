using System.Diagnostics;

namespace MessageBus.Bench.Systems;

/// <summary>Something that brings what is published on Redis to browsers, and can be started.</summary>
internal interface ISystem
{
    string Name { get; }

    /// <summary>The name of its <see cref="Load.Dialect"/>.</summary>
    string Dialect { get; }

    bool Tls { get; }

    /// <summary>Where it answers 200 once it is ready; null: it prints <c>ready</c>.</summary>
    string? HealthPath { get; }

    /// <summary>Installs or builds what is missing. The reason why it cannot run here, or null.</summary>
    Task<string?> PrepareAsync(CancellationToken cancellation);

    ProcessStartInfo Command(Placement placement);
}
