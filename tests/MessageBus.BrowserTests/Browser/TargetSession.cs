using System.Collections.Concurrent;
using System.Text.Json;
using MessageBus.IntegrationTests.Support;
using Microsoft.Playwright;

namespace MessageBus.BrowserTests.Browser;

/// <summary>The browser's own tools at one of its targets (Chrome DevTools Protocol, domain Target): a worker, or a tab that nobody else drives.</summary>
internal sealed class TargetSession
{
    private readonly ICDPSession _browser;
    private readonly string _id;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _answers = [];
    private int _lastCommand;

    private TargetSession(ICDPSession browser, string id)
    {
        _browser = browser;
        _id = id;
        browser.Event("Target.receivedMessageFromTarget").OnEvent += (_, received) => Receive(received!.Value);
    }

    public static async Task<TargetSession> AttachAsync(ICDPSession browser, string target)
    {
        var attached = await browser.SendAsync("Target.attachToTarget", new() { ["targetId"] = target, ["flatten"] = false });
        return new TargetSession(browser, attached!.Value.GetProperty("sessionId").GetString()!);
    }

    /// <summary>Runs a JavaScript expression; what it returns is awaited.</summary>
    public async Task<T> EvaluateAsync<T>(string expression)
    {
        var answer = await SendAsync("Runtime.evaluate", new { expression, awaitPromise = true, returnByValue = true });
        Assert.False(answer.TryGetProperty("exceptionDetails", out var exception), $"{expression}: {exception}");
        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value.Deserialize<T>()! : default!;
    }

    public async Task<JsonElement> SendAsync(string method, object parameters)
    {
        var id = Interlocked.Increment(ref _lastCommand);
        var answer = _answers[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _browser.SendAsync("Target.sendMessageToTarget", new()
        {
            ["sessionId"] = _id,
            ["message"] = JsonSerializer.Serialize(new { id, method, @params = parameters }),
        });
        var message = await Eventually.ResultAsync(answer.Task, $"the target answers {method}");
        Assert.False(message.TryGetProperty("error", out var error), $"{method}: {error}");
        return message.GetProperty("result");
    }

    private void Receive(JsonElement received)
    {
        if (received.GetProperty("sessionId").ValueEquals(_id))
        {
            var message = JsonSerializer.Deserialize<JsonElement>(received.GetProperty("message").GetString()!);
            if (message.TryGetProperty("id", out var id) && _answers.TryRemove(id.GetInt32(), out var answer))
            {
                answer.TrySetResult(message);
            }
        }
    }
}
