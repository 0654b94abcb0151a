namespace MessageBus.Access;

/// <summary>A key as the gateway knows it: by its hash.</summary>
/// <param name="Name">For the log.</param>
/// <param name="Hash">SHA-256 of the key.</param>
/// <param name="Scopes">What it is good for.</param>
internal sealed record ApiKey(string Name, byte[] Hash, IReadOnlyList<ApiKeyScope> Scopes)
{
    public bool IsGoodFor(ApiKeyScope scope) => Scopes.Contains(scope);
}
