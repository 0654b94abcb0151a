using System.Security.Claims;
using MessageBus.Access;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Access;

public sealed class CallerTests
{
    [Fact]
    public void Who_has_not_shown_who_they_are_is_anonymous_whatever_they_claim()
    {
        var claimed = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, "42"), new Claim("mb.sub", "**"), new Claim(ClaimTypes.Role, "admin")]);

        var caller = Caller.Of(new ClaimsPrincipal(claimed));

        Assert.Same(Caller.Anonymous, caller);
        Assert.Null(caller.User);
        Assert.False(caller.IsAuthenticated || caller.IsInRole("admin") || caller.HasClaim("mb.sub", "**"));
    }

    [Fact]
    public void Claims_beside_an_authenticated_identity_do_not_count_before_they_are_authenticated_too()
    {
        var known = new ClaimsIdentity([new Claim("sub", "42")], "cookie");
        var claimed = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, "1"), new Claim("mb.sub", "**"), new Claim(ClaimTypes.Role, "admin")]);

        var caller = Caller.Of(new ClaimsPrincipal([known, claimed]));

        Assert.Equal("42", caller.User);
        Assert.False(caller.IsInRole("admin") || caller.HasClaim(ClaimTypes.Role, "admin"));
        Assert.False(caller.IsGranted(ChannelOperation.Subscribe, ChannelName.Parse("a"), '/'));
    }

    [Theory]
    [InlineData("sub=7", "7")]
    [InlineData("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name=Ann", "Ann")]
    [InlineData("tier=gold", null)]
    public void The_user_is_the_name_identifier_or_the_subject_or_the_name(string claim, string? user)
    {
        Assert.Equal(user, Callers.User(null, claim).User);
        Assert.Equal("42", Callers.User("42", claim).User);
    }

    [Fact]
    public void Rights_in_a_token_open_channels_each_for_its_own_operation()
    {
        var caller = Callers.User("42", "mb.sub=chat/**", "mb.sub=news", """mb.pub=["chat/{user}","typing/*"]""");

        Assert.True(May(ChannelOperation.Subscribe, "chat/a/b"));
        Assert.True(May(ChannelOperation.Subscribe, "news"));
        Assert.True(May(ChannelOperation.Publish, "chat/42"));
        Assert.True(May(ChannelOperation.Publish, "typing/1"));
        Assert.False(May(ChannelOperation.Publish, "chat/43"));
        Assert.False(May(ChannelOperation.Publish, "news"));
        Assert.False(May(ChannelOperation.Subscribe, "typing/1"));

        bool May(ChannelOperation operation, string channel) => caller.IsGranted(operation, ChannelName.Parse(channel), '/');
    }

    [Theory]
    [InlineData("chat*")]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("[1,2]")]
    [InlineData("[null]")]
    [InlineData("""[["**"]]""")]
    [InlineData("""{"all":"**"}""")]
    [InlineData("__keyspace@0__:*")]
    public void What_is_no_pattern_in_a_token_grants_nothing_and_spoils_nothing(string value)
    {
        var caller = Callers.User("42", $"mb.sub={value}", "mb.sub=good");

        Assert.False(caller.IsGranted(ChannelOperation.Subscribe, ChannelName.Parse("chat"), '/'));
        Assert.True(caller.IsGranted(ChannelOperation.Subscribe, ChannelName.Parse("good"), '/'));
    }
}
