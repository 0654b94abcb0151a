namespace MessageBus.Gateway.Configuration;

/// <summary>
/// Settings under the names that they had before they were sorted by feature. The old name still counts where the new one is not set anywhere: this source
/// stands below all others, and finds the new name's value under the old one.
/// </summary>
internal sealed class RenamedKeys(IConfiguration configuration) : ConfigurationProvider, IConfigurationSource
{
    private const string Section = "MessageBus";

    private static readonly Dictionary<string, string> OldNames = Renamed()
        .ToDictionary(pair => $"{Section}:{pair.New}", pair => $"{Section}:{pair.Old}", StringComparer.OrdinalIgnoreCase);

    public static void AddTo(ConfigurationManager configuration)
    {
        IList<IConfigurationSource> sources = configuration.Sources;
        sources.Insert(0, new RenamedKeys(configuration));
    }

    /// <summary>Whether a setting had this name.</summary>
    public static bool Had(string key) => OldNames.Values.Contains(key, StringComparer.OrdinalIgnoreCase);

    /// <summary>The earlier name of a setting; null where it has had none.</summary>
    public static string? OldNameOf(string key) => OldNames.GetValueOrDefault(key);

    /// <summary>A line for each old name that is in use.</summary>
    public static IEnumerable<string> Warnings(IConfiguration configuration) =>
        OldNames.Where(pair => configuration[pair.Value] is not null).Select(pair => IsSet(configuration, pair.Key)
            ? $"'{pair.Value}' is now called '{pair.Key}', which is set too: the old one does not count. Remove it."
            : $"'{pair.Value}' is now called '{pair.Key}'. The old name still counts; use the new one.");

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public override bool TryGet(string key, out string? value)
    {
        value = OldNameOf(key) is { } old ? configuration[old] : null;
        return value is not null;
    }

    public override IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath)
    {
        var start = $"{parentPath}:";
        return earlierKeys.Concat(
            from pair in OldNames
            where pair.Key.StartsWith(start, StringComparison.OrdinalIgnoreCase) && configuration[pair.Value] is not null
            select pair.Key[start.Length..].Split(':')[0]);
    }

    /// <summary>Under the new name, in another source than this one.</summary>
    private static bool IsSet(IConfiguration configuration, string key) =>
        ((IConfigurationRoot)configuration).Providers.Any(provider => provider is not RenamedKeys && provider.TryGet(key, out _));

    private static IEnumerable<(string Old, string New)> Renamed() =>
    [
        ("DeliveryLoops", "Delivery:Loops"),
        ("SubscriptionLinger", "Delivery:SubscriptionLinger"),
        ("DrainTimeout", "Drain:Timeout"),
        ("DrainConnectionsPerSecond", "Drain:ConnectionsPerSecond"),
        ("CanaryInterval", "Broker:ProbeInterval"),
        ("PeerInterval", "Cluster:ReportInterval"),
        .. typeof(Limits.LimitOptions).GetProperties().Select(limit => (limit.Name, $"Limits:{limit.Name}")),
    ];
}
