using MessageBus.Protocol;
using Microsoft.Extensions.Logging;

namespace MessageBus.Access;

/// <summary>
/// Decides who may do what on which channel: by the policy, then by the app's <see cref="IChannelAuthorizer"/>, else no.
/// Where there is neither and anonymous connections are allowed, everything is open.
/// </summary>
internal sealed partial class ChannelAccess
{
    private static readonly TimeSpan AuthorizerTimeout = TimeSpan.FromSeconds(10);

    private readonly IChannelAuthorizer? _authorizer;
    private readonly bool _allowAnonymous;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile AccessPolicy _policy;

    public ChannelAccess(AccessOptions options, IEnumerable<IChannelAuthorizer> authorizers, TimeProvider time, ILogger<ChannelAccess> logger)
    {
        _authorizer = authorizers.LastOrDefault();
        _allowAnonymous = options.AllowAnonymous is true;
        _time = time;
        _logger = logger;

        // The options were validated before they came here.
        _policy = AccessPolicy.Read(options, new List<string>());
    }

    /// <summary>What is in force. Setting it concerns later decisions; those already taken are for the caller to look at again.</summary>
    public AccessPolicy Policy
    {
        get => _policy;
        set => _policy = value;
    }

    /// <summary>Every channel is open to everybody.</summary>
    public bool IsOpen => _allowAnonymous && DecidesNothing;

    /// <summary>Only rights in tokens can open a channel.</summary>
    public bool IsClosed => !_allowAnonymous && DecidesNothing;

    private bool DecidesNothing => !_policy.HasRules && _authorizer is null;

    public ValueTask<AccessDecision> DecideAsync(ChannelOperation operation, ChannelName channel, Caller caller)
    {
        if (_policy.Decide(operation, channel, caller) is { } decided)
        {
            return new(decided ? AccessDecision.Allowed : AccessDecision.Forbidden);
        }

        return _authorizer is null
            ? new(IsOpen ? AccessDecision.Allowed : AccessDecision.Forbidden)
            : AskAsync(_authorizer, new ChannelRequest(operation, channel, caller.Principal));
    }

    /// <summary>
    /// Whether the caller may subscribe to every channel that the pattern can match. An <see cref="IChannelAuthorizer"/> is not asked: it knows channels.
    /// </summary>
    public AccessDecision Decide(ChannelPattern subscription, Caller caller) =>
        _policy.Decide(subscription, caller) ?? IsOpen ? AccessDecision.Allowed : AccessDecision.Forbidden;

    private async ValueTask<AccessDecision> AskAsync(IChannelAuthorizer authorizer, ChannelRequest request)
    {
        using var late = new CancellationTokenSource(AuthorizerTimeout, _time);
        try
        {
            // Waiting ends with the limit, also for code that does not look at the token.
            return await authorizer.IsAllowedAsync(request, late.Token).AsTask().WaitAsync(late.Token) ? AccessDecision.Allowed : AccessDecision.Forbidden;
        }
        catch (Exception e)
        {
            LogAuthorizerFailed(e, request.Operation, request.Channel.Value);
            return AccessDecision.Failed;
        }
    }
}
