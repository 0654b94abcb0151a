using System.Security.Claims;
using MessageBus.Protocol;

namespace MessageBus.Access;

/// <summary>
/// Who wants something, as the host's authentication has found out, in the form that rules ask for. Only identities that are authenticated count.
/// Does not change; a connection whose token is renewed gets another one.
/// </summary>
internal sealed class Caller
{
    /// <summary>Nobody has shown who they are. One for all, so that such a connection costs nothing here.</summary>
    public static readonly Caller Anonymous = new(new ClaimsPrincipal(new ClaimsIdentity()), [], user: null);

    private readonly Claim[] _claims;

    // Made when first asked for, which is when the separator is known; by two at once: the same twice.
    private GrantedChannels? _granted;

    private Caller(ClaimsPrincipal principal, Claim[] claims, string? user)
    {
        Principal = principal;
        _claims = claims;
        User = user;
    }

    public ClaimsPrincipal Principal { get; }

    /// <summary>What <c>{user}</c> stands for: the claim NameIdentifier, else <c>sub</c>, else the name of the identity.</summary>
    public string? User { get; }

    public bool IsAuthenticated => !ReferenceEquals(this, Anonymous);

    public static Caller Of(ClaimsPrincipal principal)
    {
        var identities = principal.Identities.Where(identity => identity.IsAuthenticated).ToList();
        if (identities.Count is 0)
        {
            return Anonymous;
        }

        var trusted = identities.Count == principal.Identities.Count() ? principal : new ClaimsPrincipal(identities);
        var user = trusted.FindFirst(ClaimTypes.NameIdentifier)?.Value ?? trusted.FindFirst("sub")?.Value ?? trusted.Identity!.Name;
        return new Caller(trusted, [.. trusted.Claims], user);
    }

    public bool IsInRole(string role) => IsAuthenticated && Principal.IsInRole(role);

    public bool HasClaim(string type, ReadOnlySpan<char> value)
    {
        foreach (var claim in _claims)
        {
            if (claim.Type == type && value.SequenceEqual(claim.Value))
            {
                return true;
            }
        }

        return false;
    }

    public IEnumerable<string> ValuesOf(string type) => _claims.Where(claim => claim.Type == type).Select(claim => claim.Value);

    /// <summary>Whether the right rides in the caller's token.</summary>
    public bool IsGranted(ChannelOperation operation, ChannelName channel, char separator) => Granted(separator).Covers(operation, channel, this);

    /// <summary>Whether the right to subscribe to all of the pattern rides in the caller's token.</summary>
    public bool IsGranted(ChannelPattern subscription, char separator) => Granted(separator).Covers(subscription, this);

    private GrantedChannels Granted(char separator) => _granted ??= GrantedChannels.Of(_claims, separator);
}
