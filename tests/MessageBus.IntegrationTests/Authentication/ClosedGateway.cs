using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Authentication;

/// <summary>One gateway that lets in only those with a token of the tests' secret, for all tests of a class. Channels below <c>granted/</c> need a right in the token.</summary>
public sealed class ClosedGateway : IAsyncLifetime
{
    public static (string Key, string Value)[] Settings { get; } =
    [
        ("MessageBus:AllowAnonymous", "false"),
        ("MessageBus:Jwt:Secret", Tokens.Secret),
        ("MessageBus:Jwt:Cookie", "access"),
        ("MessageBus:Channels:0:Pattern", "granted/**"),
        ("MessageBus:Channels:1:Pattern", "**"),
        ("MessageBus:Channels:1:Subscribe", "authenticated"),
        ("MessageBus:Channels:1:Publish", "authenticated"),
        ("MessageBus:ApiKeys:0:Key", Keys.Read),
        ("MessageBus:ApiKeys:0:Scopes", "read"),
    ];

    public GatewayApp App { get; private set; } = null!;

    public Task InitializeAsync()
    {
        App = GatewayApp.Start(Settings);
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => App.DisposeAsync().AsTask();
}
