using MessageBus.Access;

namespace MessageBus.UnitTests.Access;

public sealed class AllowedOriginsTests
{
    private static readonly AllowedOrigins Origins = AllowedOrigins.Read(["https://app.example.com", "http://localhost:5173", "capacitor://localhost"], "key", new List<string>());

    [Theory]
    [InlineData("https://app.example.com", "http", "bus.example.com:8080")]
    [InlineData("http://localhost:5173", "https", "bus.example.com")]
    [InlineData("capacitor://localhost", "https", "bus.example.com")]
    [InlineData("https://bus.example.com", "https", "bus.example.com")]
    [InlineData("https://bus.example.com", "https", "bus.example.com:443")]
    [InlineData("http://bus.example.com:8080", "http", "bus.example.com:8080")]
    [InlineData("http://[::1]:8080", "http", "[::1]:8080")]
    public void The_own_origin_and_those_that_are_named_are_admitted(string origin, string scheme, string host)
    {
        Assert.True(Origins.Admits(origin, scheme, host));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("https://evil.example")]
    [InlineData("https://bus.example.com.evil.example")]
    [InlineData("https://evilbus.example.com")]
    [InlineData("https://bus.example.com@evil.example")]
    [InlineData("https://evil.example/bus.example.com")]
    [InlineData("https://bus.example.com/")]
    [InlineData("https://bus.example.com.")]
    [InlineData("https://BUS.example.com")]
    [InlineData("HTTPS://bus.example.com")]
    [InlineData("http://bus.example.com")]
    [InlineData("https://bus.example.com:8443")]
    [InlineData("https://bus.example.com:443")]
    [InlineData("https://bus.example.com https://bus.example.com")]
    [InlineData("https://bus.example.com, https://evil.example")]
    [InlineData("bus.example.com")]
    [InlineData("https://app.example.com:444")]
    [InlineData("http://app.example.com")]
    [InlineData("https://app.example.com.")]
    [InlineData("https://APP.example.com")]
    [InlineData("https://x.app.example.com")]
    [InlineData("https://аpp.example.com")]
    public void Any_other_origin_is_not(string origin)
    {
        Assert.False(Origins.Admits(origin, "https", "bus.example.com"));
    }

    [Theory]
    [InlineData("https://bus.example.com.", "bus.example.com.")]
    [InlineData("https://", "")]
    [InlineData("https://a b", "a b")]
    public void A_host_that_is_no_plain_host_has_no_own_origin(string origin, string host)
    {
        Assert.False(Origins.Admits(origin, "https", host));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("app.example.com")]
    [InlineData("https://*.example.com")]
    [InlineData("https://app.example.com/", "https://app.example.com")]
    [InlineData("https://app.example.com/path", "https://app.example.com")]
    [InlineData("https://App.Example.com", "https://app.example.com")]
    [InlineData("https://app.example.com:443", "https://app.example.com")]
    [InlineData("https://user@app.example.com", "https://app.example.com")]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example")]
    public void An_origin_that_no_browser_writes_like_that_is_named_with_what_is_right(string origin, string right = "https://app.example.com")
    {
        var problems = new List<string>();

        AllowedOrigins.Read(["https://good.example", origin], "MessageBus:AllowedOrigins", problems);

        var problem = Assert.Single(problems);
        Assert.StartsWith($"'MessageBus:AllowedOrigins:1' is '{origin}'.", problem, StringComparison.Ordinal);
        Assert.Contains(right, problem, StringComparison.Ordinal);
    }
}
