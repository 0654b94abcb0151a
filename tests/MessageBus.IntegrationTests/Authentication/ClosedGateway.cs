using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Authentication;

/// <summary>One gateway that lets in only those with a token of the tests' secret, for all tests of a class.</summary>
public sealed class ClosedGateway : IAsyncLifetime
{
    public GatewayApp App { get; private set; } = null!;

    public Task InitializeAsync()
    {
        App = GatewayApp.Start(
            ("MessageBus:AllowAnonymous", "false"),
            ("MessageBus:Jwt:Secret", Tokens.Secret),
            ("MessageBus:Jwt:Cookie", "access"),
            ("MessageBus:Channels:0:Pattern", "**"),
            ("MessageBus:Channels:0:Subscribe", "authenticated"),
            ("MessageBus:Channels:0:Publish", "authenticated"));
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => App.DisposeAsync().AsTask();
}
