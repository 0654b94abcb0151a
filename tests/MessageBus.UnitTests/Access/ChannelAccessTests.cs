using MessageBus.Access;
using MessageBus.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessageBus.UnitTests.Access;

public sealed class ChannelAccessTests
{
    private static readonly ChannelName News = ChannelName.Parse("news");
    private static readonly Caller User = Callers.User("42");

    private readonly FakeTimeProvider _time = new();
    private readonly MessageBusOptions _options = new();

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Without_rules_channels_are_open_only_where_anonymous_callers_are_allowed(bool allowAnonymous, bool isOpen)
    {
        _options.AllowAnonymous = allowAnonymous;
        var access = Create();

        Assert.Equal(isOpen ? AccessDecision.Allowed : AccessDecision.Forbidden, await access.DecideAsync(ChannelOperation.Publish, News, User));
        Assert.Equal((isOpen, !isOpen), (access.IsOpen, access.IsClosed));
    }

    [Fact]
    public async Task With_rules_what_none_of_them_is_about_is_forbidden_also_where_anonymous_callers_are_allowed()
    {
        _options.AllowAnonymous = true;
        _options.Channels.Add(new ChannelRule { Pattern = "chat/**", Subscribe = "anyone" });
        var access = Create();

        Assert.Equal(AccessDecision.Forbidden, await access.DecideAsync(ChannelOperation.Subscribe, News, Caller.Anonymous));
        Assert.Equal(AccessDecision.Allowed, await access.DecideAsync(ChannelOperation.Subscribe, ChannelName.Parse("chat/1"), Caller.Anonymous));
        Assert.False(access.IsOpen);
    }

    [Fact]
    public async Task The_apps_code_is_asked_only_about_channels_that_no_rule_is_about()
    {
        _options.Channels.Add(new ChannelRule { Pattern = "chat/**", Subscribe = "none" });
        var code = new Code((request, _) => new(request.User.Identity!.IsAuthenticated));
        var access = Create(code);

        Assert.Equal(AccessDecision.Forbidden, await access.DecideAsync(ChannelOperation.Subscribe, ChannelName.Parse("chat/1"), User));
        Assert.Equal(AccessDecision.Allowed, await access.DecideAsync(ChannelOperation.Publish, News, User));
        Assert.Equal(AccessDecision.Forbidden, await access.DecideAsync(ChannelOperation.Publish, News, Caller.Anonymous));
        Assert.Equal(["Publish news", "Publish news"], code.Asked);
    }

    [Fact]
    public async Task With_code_and_no_rules_the_code_decides_alone()
    {
        _options.AllowAnonymous = true;
        var access = Create(new Code((_, _) => new(false)));

        Assert.Equal(AccessDecision.Forbidden, await access.DecideAsync(ChannelOperation.Subscribe, News, User));
        Assert.False(access.IsOpen || access.IsClosed);
    }

    [Fact]
    public async Task Code_that_throws_or_does_not_answer_allows_nothing()
    {
        var never = new TaskCompletionSource<bool>();

        Assert.Equal(AccessDecision.Failed, await Create(new Code((_, _) => throw new InvalidOperationException())).DecideAsync(ChannelOperation.Subscribe, News, User));
        Assert.Equal(AccessDecision.Failed, await Create(new Code((_, _) => ValueTask.FromException<bool>(new TimeoutException()))).DecideAsync(ChannelOperation.Subscribe, News, User));
        var late = Create(new Code((_, _) => new(never.Task))).DecideAsync(ChannelOperation.Subscribe, News, User).AsTask();
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(late.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(AccessDecision.Failed, await late.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Code_that_is_too_slow_is_told_to_give_up_and_may_do_so()
    {
        var obedient = Create(new Code(async (_, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return true;
        }));

        var late = obedient.DecideAsync(ChannelOperation.Subscribe, News, User).AsTask();
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(AccessDecision.Failed, await late.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(AccessDecision.Failed, await Create(new Code((_, _) => throw new OperationCanceledException())).DecideAsync(ChannelOperation.Subscribe, News, User));
    }

    [Fact]
    public void Deciding_by_rules_allocates_nothing()
    {
        _options.Channels.Add(new ChannelRule { Pattern = "a/{user}/**", Subscribe = "user" });
        _options.Channels.Add(new ChannelRule { Pattern = "b/{claim:groups}", Subscribe = "user" });
        _options.Channels.Add(new ChannelRule { Pattern = "chat/*/x", Subscribe = "claim:groups=staff" });
        _options.AutoSubscribe.Add("user/{user}");
        var access = Create();
        var caller = Callers.User("42", "groups=night", "groups=staff", "mb.sub=token/**");
        var channel = ChannelName.Parse("chat/1/x");
        Decide(1000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Decide(1000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Decide(int times)
        {
            for (var n = 0; n < times; n++)
            {
                var decision = access.DecideAsync(ChannelOperation.Subscribe, channel, caller);
                Assert.True(decision.IsCompletedSuccessfully && decision.Result is AccessDecision.Allowed);
            }
        }
    }

    private ChannelAccess Create(params IChannelAuthorizer[] authorizers) =>
        new(_options, authorizers, _time, NullLogger<ChannelAccess>.Instance);

    private sealed class Code(Func<ChannelRequest, CancellationToken, ValueTask<bool>> answer) : IChannelAuthorizer
    {
        public List<string> Asked { get; } = [];

        public ValueTask<bool> IsAllowedAsync(ChannelRequest request, CancellationToken cancellationToken)
        {
            Asked.Add($"{request.Operation} {request.Channel}");
            return answer(request, cancellationToken);
        }
    }
}
