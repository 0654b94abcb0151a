using MessageBus.WebSockets;

namespace MessageBus.UnitTests.WebSockets;

public sealed class SubprotocolTests
{
    [Theory]
    [InlineData("messagebus.v1.json")]
    [InlineData("messagebus.v2.json", "messagebus.v1.json")]
    [InlineData("bearer.abc", "messagebus.v1.json")]
    [InlineData("messagebus.v1.json", "bearer.abc", "chat")]
    public void Ours_is_chosen_wherever_it_is_offered(params string[] offered)
    {
        Assert.True(Subprotocol.TryChoose(offered, out var chosen));
        Assert.Equal("messagebus.v1.json", chosen);
    }

    [Theory]
    [InlineData]
    [InlineData("bearer.abc")]
    [InlineData("bearer.abc", "bearer.def")]
    public void None_but_tokens_means_ours_and_echoes_nothing(params string[] offered)
    {
        Assert.True(Subprotocol.TryChoose(offered, out var chosen));
        Assert.Null(chosen);
    }

    [Fact]
    public void More_than_anybody_needs_are_refused_even_with_ours_among_them()
    {
        Assert.True(Subprotocol.TryChoose([.. Enumerable.Repeat("chat", 15), "messagebus.v1.json"], out _));
        Assert.False(Subprotocol.TryChoose([.. Enumerable.Repeat("chat", 16), "messagebus.v1.json"], out _));
        Assert.False(Subprotocol.TryChoose([.. Enumerable.Repeat("bearer.abc", 17)], out _));
    }

    [Theory]
    [InlineData("messagebus.v2.json")]
    [InlineData("MESSAGEBUS.V1.JSON")]
    [InlineData("bearer")]
    [InlineData("Bearer.abc")]
    [InlineData("bearer.abc", "chat")]
    public void Only_unknown_ones_are_refused(params string[] offered)
    {
        Assert.False(Subprotocol.TryChoose(offered, out var chosen));
        Assert.Null(chosen);
    }
}
