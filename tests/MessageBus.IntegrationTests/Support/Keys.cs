namespace MessageBus.IntegrationTests.Support;

/// <summary>API keys of the tests, one for each scope, and a configuration that knows them.</summary>
public static class Keys
{
    public const string Header = "X-Api-Key";
    public const string Publish = "key-of-a-backend-of-the-tests-0001";
    public const string Read = "key-of-a-dashboard-of-the-tests-02";
    public const string Admin = "key-of-an-operator-of-the-tests-03";

    /// <summary>The configuration has the hash of the last one only: what <c>printf %s KEY | sha256sum</c> prints.</summary>
    public const string AdminSha256 = "e81b48a8582b924ed1d558c3bde587bf91abdb2ee7e8c4def1518916d0a23c3c";

    public static (string Key, string Value)[] Settings { get; } =
    [
        ("MessageBus:ApiKeys:0:Name", "backend"), ("MessageBus:ApiKeys:0:Key", Publish), ("MessageBus:ApiKeys:0:Scopes", "publish"),
        ("MessageBus:ApiKeys:1:Key", Read), ("MessageBus:ApiKeys:1:Scopes", "read"),
        ("MessageBus:ApiKeys:2:Sha256", AdminSha256), ("MessageBus:ApiKeys:2:Scopes", "admin"),
    ];

    /// <summary>The same as environment variables.</summary>
    public static string[] Variables { get; } = [.. Settings.Select(setting => $"{setting.Key.Replace(":", "__", StringComparison.Ordinal)}={setting.Value}")];
}
