namespace MessageBus.Redis.Links;

/// <summary>
/// Says of publications whether the Redis that took them was the primary after it: a Redis that was demoted goes on to take publications that no one hears.
/// The question follows the publication on its connection. Publications share it: one is under way, and those that come later wait for the next.
/// </summary>
/// <param name="ask">Sends the question on the connection of the publications at once, and ends with the answer.</param>
internal sealed class RoleFence(Func<Task<bool>> ask)
{
    // Guards the two questions.
    private readonly Lock _gate = new();
    private Task<bool> _underWay = Task.FromResult(true);
    private Task<bool>? _next;

    /// <summary>Whether the publications that were sent before this call are with a primary. Fails as the question does.</summary>
    public Task<bool> ConfirmAsync()
    {
        lock (_gate)
        {
            if (_underWay.IsCompleted)
            {
                return _underWay = ask();
            }

            return _next ??= AskNextAsync(_underWay);
        }
    }

    private async Task<bool> AskNextAsync(Task<bool> previous)
    {
        try
        {
            await previous;
        }
        catch (Exception)
        {
            // Those that it was asked for are told.
        }

        Task<bool> question;
        lock (_gate)
        {
            // From here on a publication may come too late for this question.
            _next = null;
            question = _underWay = ask();
        }

        return await question;
    }
}
