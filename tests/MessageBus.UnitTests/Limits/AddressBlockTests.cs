using System.Net;
using MessageBus.Limits;

namespace MessageBus.UnitTests.Limits;

public sealed class AddressBlockTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff")]
    [InlineData("fe80::1%1", "fe80::2%3")]
    public void Addresses_that_count_as_one(string one, string other)
    {
        Assert.Equal(AddressBlock.Of(IPAddress.Parse(one)), AddressBlock.Of(IPAddress.Parse(other)));
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1")]
    [InlineData("0.0.0.0", "::")]
    [InlineData("0.0.0.1", "::1")]
    public void Addresses_that_do_not(string one, string other)
    {
        Assert.NotEqual(AddressBlock.Of(IPAddress.Parse(one)), AddressBlock.Of(IPAddress.Parse(other)));
    }
}
