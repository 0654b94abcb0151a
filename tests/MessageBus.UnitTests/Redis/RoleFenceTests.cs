using MessageBus.Redis.Links;

namespace MessageBus.UnitTests.Redis;

public sealed class RoleFenceTests
{
    private readonly List<TaskCompletionSource<bool>> _questions = [];
    private readonly RoleFence _fence;

    public RoleFenceTests() => _fence = new RoleFence(() =>
    {
        _questions.Add(new TaskCompletionSource<bool>());
        return _questions[^1].Task;
    });

    [Fact]
    public async Task A_publication_is_confirmed_by_a_question_that_was_asked_after_it()
    {
        var first = _fence.ConfirmAsync();
        var second = _fence.ConfirmAsync();
        var third = _fence.ConfirmAsync();

        _questions[0].SetResult(true);
        Assert.True(await first);
        Assert.False(second.IsCompleted);
        _questions[1].SetResult(false);

        Assert.Equal((false, false), (await second, await third));
        Assert.Equal(2, _questions.Count);
    }

    [Fact]
    public async Task A_question_that_fails_fails_its_own_publications_only()
    {
        var first = _fence.ConfirmAsync();
        var second = _fence.ConfirmAsync();

        _questions[0].SetException(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => first);
        _questions[1].SetResult(true);

        Assert.True(await second);
    }
}
