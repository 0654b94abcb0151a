using System.Net;
using MessageBus.Redis.Settings;
using StackExchange.Redis;

namespace MessageBus.UnitTests.Redis;

public sealed class ConnectionStringTests
{
    [Theory]
    [InlineData("one:6379,two:6380,password=p", "one:6379,two:6380", null, "p", false)]
    [InlineData("one,user=u,password=p,ssl=true", "one:0", "u", "p", true)]
    [InlineData("redis://one", "one:0", null, null, false)]
    [InlineData("redis://:p@one:6379/0", "one:6379", null, "p", false)]
    [InlineData("rediss://u:p%2Cq%40r@one:6379,two:6380", "one:6379,two:6380", "u", "p,q@r", true)]
    [InlineData("redis://:p,q@one:6379,channelPrefix=a", "one:6379", null, "p,q", false)]
    [InlineData("redis://u@one:6379", "one:6379", "u", null, false)]
    public void Every_form_in_use_is_read(string text, string servers, string? user, string? password, bool isSecure)
    {
        var options = Read(text);

        Assert.Equal(servers, string.Join(',', options.EndPoints.Select(RedisAddress.Text)));
        Assert.Equal((user, password, isSecure), (options.User, options.Password, options.Ssl));
    }

    [Theory]
    [InlineData("unix:/run/redis.sock")]
    [InlineData("unix:///run/redis.sock,password=p")]
    [InlineData("/run/redis.sock")]
    public void A_unix_socket_is_named_by_its_path(string text) =>
        Assert.Equal("unix:/run/redis.sock", RedisAddress.Text(Assert.Single(Read(text).EndPoints)));

    [Fact]
    public void Versions_of_TLS_can_be_named() =>
        Assert.Equal(System.Security.Authentication.SslProtocols.Tls12, Read("one,ssl=true,sslProtocols=tls12").SslProtocols);

    [Theory]
    [InlineData("one:6379,password=SECRET,PART")]
    [InlineData("one:6379,password=SECRET,PART=1")]
    [InlineData("one:6379,password=SECRET,ssl=PART")]
    [InlineData("redis://:SECRET/PART@one:6379")]
    [InlineData("redis://u:SECRET@")]
    [InlineData("http://u:SECRET@one")]
    public void What_is_said_of_a_wrong_one_holds_nothing_of_a_password(string text)
    {
        Assert.False(ConnectionString.TryParse(text, out _, out var problem));

        Assert.StartsWith("ConnectionStrings:Redis ", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("PART", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_that_there_is_not_is_named_where_no_password_precedes_it()
    {
        Assert.False(ConnectionString.TryParse("one:6379,ssll=true", out _, out var problem));

        Assert.Contains("'ssll'", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("one,ssl=true", 6380)]
    [InlineData("one", 6379)]
    [InlineData("one,serviceName=main", 26379)]
    public void A_server_without_a_port_has_the_usual_one(string text, int port)
    {
        Assert.True(RedisSettings.TryRead(text, null, null, out var settings, out _));

        Assert.Equal(port, Assert.IsType<DnsEndPoint>(Assert.Single(settings.Servers)).Port);
    }

    [Fact]
    public void Credentials_beside_the_string_win_and_a_link_is_told_them()
    {
        Assert.True(RedisSettings.TryRead("one:1,user=a,password=b,$ROLE=other", "user", "pass,word", out var settings, out _));

        var link = settings.For(new RedisAddress(new IPEndPoint(IPAddress.Loopback, 7)), "test");
        Assert.Equal(("user", "pass,word"), (link.User, link.Password));
        Assert.Equal("127.0.0.1:7", RedisAddress.Text(Assert.Single(link.EndPoints)));
        Assert.DoesNotContain("pass", settings.Text, StringComparison.Ordinal);
    }

    private static ConfigurationOptions Read(string text) =>
        ConnectionString.TryParse(text, out var options, out var problem) ? options : throw new InvalidOperationException(problem);
}
