using System.Security.Claims;
using MessageBus.Protocol;

namespace MessageBus.Access;

/// <summary>
/// Decides in code who may do what, for apps whose rights stand in a database. Asked for channels that no rule, token or automatic subscription is about,
/// which are refused without it: with no rules at all it decides alone. Registered by <c>AddChannelAuthorizer()</c> of the builder.
/// <para>
/// Asked at subscribe and at publish, and again for live subscriptions when the rules change; never at delivery. Called from many threads at once;
/// a connection waits for its own answer, nobody else does. An exception, or no answer within 10 s, refuses the command with <c>internal</c>.
/// </para>
/// </summary>
public interface IChannelAuthorizer
{
    /// <summary>Whether the caller may. The token is cancelled when the answer comes too late.</summary>
    ValueTask<bool> IsAllowedAsync(ChannelRequest request, CancellationToken cancellationToken);
}

/// <summary>What an <see cref="IChannelAuthorizer"/> is asked.</summary>
/// <param name="Operation">Subscribe or publish.</param>
/// <param name="Channel">The channel.</param>
/// <param name="User">Who asks; not authenticated where anonymous connections are allowed.</param>
public readonly record struct ChannelRequest(ChannelOperation Operation, ChannelName Channel, ClaimsPrincipal User);
