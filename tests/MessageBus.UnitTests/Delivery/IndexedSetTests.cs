using MessageBus.Delivery;

namespace MessageBus.UnitTests.Delivery;

public sealed class IndexedSetTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Removing_one_keeps_the_others(int removed)
    {
        var set = new IndexedSet<Subscription>();
        var subscriptions = Make(3);
        foreach (var subscription in subscriptions)
        {
            set.Add(subscription);
        }

        set.Remove(subscriptions[removed]);

        var kept = subscriptions.Where((_, index) => index != removed);
        Assert.Equal(kept.ToHashSet(), set.Items.ToArray().ToHashSet());
        Assert.Equal(2, set.Items.Length);
    }

    [Fact]
    public void Removing_twice_or_what_was_never_added_changes_nothing()
    {
        var set = new IndexedSet<Subscription>();
        var subscriptions = Make(3);
        set.Add(subscriptions[0]);
        set.Add(subscriptions[1]);

        set.Remove(subscriptions[0]);
        set.Remove(subscriptions[0]);
        set.Remove(subscriptions[2]);

        Assert.Equal([subscriptions[1]], set.Items.ToArray());
    }

    [Fact]
    public void Set_holds_what_a_hash_set_would_after_any_sequence_of_changes()
    {
        var random = new Random(11);
        var set = new IndexedSet<Subscription>();
        var oracle = new HashSet<Subscription>();
        var all = Make(50);
        for (var round = 0; round < 5000; round++)
        {
            var subscription = all[random.Next(all.Count)];
            if (oracle.Remove(subscription))
            {
                set.Remove(subscription);
            }
            else
            {
                set.Add(subscription);
                oracle.Add(subscription);
            }

            Assert.Equal(oracle.Count, set.Items.Length);
            Assert.True(oracle.SetEquals(set.Items.ToArray()));
        }
    }

    private static List<Subscription> Make(int count)
    {
        using var loop = new LoopUnderTest();
        var channel = LoopUnderTest.Channel("a");
        return [.. Enumerable.Range(0, count).Select(_ => new Subscription(new FakeClient(loop.Loop, loop.Time).Subscriber, channel))];
    }
}
