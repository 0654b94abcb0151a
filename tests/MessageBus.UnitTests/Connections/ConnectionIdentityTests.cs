using MessageBus.Connections;

namespace MessageBus.UnitTests.Connections;

public sealed class ConnectionIdentityTests
{
    [Fact]
    public void Ids_are_unique_and_fit_into_an_address()
    {
        var ids = Enumerable.Range(0, 10_000).Select(_ => ConnectionIdentity.NewId()).ToList();

        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^c-[A-Za-z0-9_-]{16}$", id));
    }
}
