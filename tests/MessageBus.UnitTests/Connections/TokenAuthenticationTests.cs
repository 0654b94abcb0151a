using System.Security.Claims;
using MessageBus.Access;
using MessageBus.Authentication;
using MessageBus.Connections;
using MessageBus.Protocol;
using MessageBus.UnitTests.Access;

namespace MessageBus.UnitTests.Connections;

public sealed class TokenAuthenticationTests
{
    private static readonly DateTimeOffset Later = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ConnectionIdentity Nobody = new("c-1", Caller.Anonymous, Remote: null, Since: default, Expires: null);
    private static readonly ConnectionIdentity Anna = Nobody with { Caller = Callers.User("anna") };

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Without_a_token_nobody_is_admitted_where_anonymous_connections_are(bool allowAnonymous, bool isAdmitted)
    {
        var authentication = TokenAuthentication(new NamesAsTokens(), allowAnonymous);

        Assert.Equal(isAdmitted ? Nobody : null, await authentication.AuthenticateAsync(Nobody, token: null));
    }

    [Fact]
    public async Task Without_a_token_the_user_of_the_request_is_admitted() =>
        Assert.Same(Anna, await TokenAuthentication(new NamesAsTokens(), false).AuthenticateAsync(Anna, token: null));

    [Fact]
    public async Task Token_is_the_last_word_on_who_it_is()
    {
        var authentication = TokenAuthentication(new NamesAsTokens(), true);

        var bert = await authentication.AuthenticateAsync(Anna, "bert");

        Assert.Equal(("c-1", "bert", Later), (bert!.Id, bert.User, bert.Expires));
        Assert.Null(await authentication.AuthenticateAsync(Anna, "bad"));
        Assert.Null(await authentication.AuthenticateAsync(Nobody, "bad"));
    }

    [Fact]
    public async Task Where_nobody_validates_tokens_one_is_not_looked_at()
    {
        Assert.Same(Nobody, await TokenAuthentication(tokens: null, true).AuthenticateAsync(Nobody, "bad"));
        Assert.Null(await TokenAuthentication(tokens: null, false).AuthenticateAsync(Nobody, "anna"));
    }

    [Fact]
    public async Task Refresh_takes_a_token_of_the_same_user()
    {
        var (identity, error) = await TokenAuthentication(new NamesAsTokens(), true).RefreshAsync(Anna, "anna");

        Assert.Null(error);
        Assert.Equal(("anna", Later), (identity!.User, identity.Expires));
    }

    [Theory]
    [InlineData("bad", "The token is not accepted.")]
    [InlineData("bert", "The token is not of this connection's user. Open another connection for it.")]
    public async Task Refresh_takes_no_other_token(string token, string message)
    {
        var (identity, error) = await TokenAuthentication(new NamesAsTokens(), true).RefreshAsync(Anna, token);

        Assert.Null(identity);
        Assert.Equal(new CommandError(ErrorCode.Unauthorized, message), error);
    }

    [Fact]
    public async Task Refresh_makes_nobody_a_user()
    {
        var (identity, error) = await TokenAuthentication(new NamesAsTokens(), true).RefreshAsync(Nobody, "anna");

        Assert.Null(identity);
        Assert.Equal(ErrorCode.Unauthorized, error!.Code);
    }

    [Fact]
    public async Task Refresh_is_refused_where_nobody_validates_tokens()
    {
        var (identity, error) = await TokenAuthentication(tokens: null, true).RefreshAsync(Anna, "anna");

        Assert.Null(identity);
        Assert.Equal(new CommandError(ErrorCode.Unauthorized, "This gateway takes no tokens."), error);
    }

    private static TokenAuthentication TokenAuthentication(ITokenValidator? tokens, bool allowAnonymous) =>
        new(new AccessOptions { AllowAnonymous = allowAnonymous }, tokens);

    /// <summary>A token is the name of its user.</summary>
    private sealed class NamesAsTokens : ITokenValidator
    {
        public ValueTask<ValidatedToken?> ValidateAsync(string token, CancellationToken cancellationToken) =>
            new(token is "bad" ? null : new ValidatedToken(new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", token)], "test")), Later));
    }
}
