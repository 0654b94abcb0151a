using System.ComponentModel.DataAnnotations;
using MessageBus.Protocol;

namespace MessageBus.Access;

/// <summary>Who may do what.</summary>
public class AccessOptions
{
    /// <summary>
    /// Whether connections and API calls without an authenticated user are served. Default: true in the Development environment, false elsewhere.
    /// Where it is false, they are answered 401.
    /// </summary>
    public bool? AllowAnonymous { get; set; }

    /// <summary>
    /// Who may do what on which channels: the first rule whose pattern matches decides, and what no rule is about is forbidden. Default none: then all
    /// channels are open where <see cref="AllowAnonymous"/> is true, and closed elsewhere. Can change while the gateway runs; rights of live connections
    /// are then looked at again, and a subscription that is no longer allowed ends with <see cref="ErrorCode.Forbidden"/>.
    /// </summary>
    public IList<ChannelRule> Channels { get; } = [];

    /// <summary>
    /// What divides a channel's name into segments, in rules, in rights of tokens, in <see cref="AutoSubscribe"/> and in patterns: <c>/</c>, <c>:</c> (the habit
    /// of Redis, <c>orders:42</c>) or <c>.</c>. Default <c>/</c>. Another one is an ordinary character of a name. A change needs a restart.
    /// </summary>
    [AllowedValues('/', ':', '.', ErrorMessage = "The field {0} must be '/', ':' or '.'.")]
    public char ChannelSeparator { get; set; } = ChannelPattern.DefaultSeparator;

    /// <summary>
    /// Channels that each connection is subscribed to without asking, and that it may therefore be subscribed to: patterns such as <c>user/{user}</c> or
    /// <c>group/{claim:groups}</c>, with a channel for each value of the claim, and without wildcards. Default none. They count as subscriptions of the
    /// connection. Can change while the gateway runs; new ones reach new connections.
    /// </summary>
    public IList<string> AutoSubscribe { get; } = [];

    /// <summary>
    /// Origins, beside the gateway's own, whose pages may connect, as browsers write them: <c>https://app.example.com</c>. Default none.
    /// A page of another origin is answered 403 before the upgrade. Can change while the gateway runs.
    /// </summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>
    /// The keys of the REST API: who may publish there without being a user, see what the gateway has, and disconnect. Default none: then the API is open in
    /// the Development environment where <see cref="AllowAnonymous"/> is true, and elsewhere closed but for users who publish under the rules.
    /// Can change while the gateway runs.
    /// </summary>
    public IList<ApiKeyOptions> ApiKeys { get; } = [];
}
