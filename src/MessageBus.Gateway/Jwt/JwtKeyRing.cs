using MessageBus.Gateway.Configuration;
using MessageBus.Gateway.Jwt.Keys;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace MessageBus.Gateway.Jwt;

/// <summary>
/// The policy and the published keys that are in force. Where the configuration reloads they are replaced together, or, where the new ones cannot be used,
/// not at all. Any thread.
/// </summary>
internal sealed partial class JwtKeyRing : IDisposable
{
    private readonly IConfiguration _configuration;
    private readonly Func<KeySource, JwksCache> _openJwks;
    private readonly Action _checkTheRest;
    private readonly ILogger _logger;
    private readonly IDisposable _watch;

    // One reference, so that both change at once.
    private volatile Snapshot _current;

    /// <param name="configuration">Where <c>MessageBus:Jwt</c> stands.</param>
    /// <param name="openJwks">Opens what an issuer publishes.</param>
    /// <param name="logger">Says what came of a change.</param>
    /// <param name="checkTheRest">Throws where the configuration beside <c>MessageBus:Jwt</c> is wrong, so that a change is taken over as a whole or not at all.</param>
    /// <exception cref="ConfigurationProblem">The configuration cannot be used.</exception>
    public JwtKeyRing(IConfiguration configuration, Func<KeySource, JwksCache> openJwks, ILogger<JwtKeyRing> logger, Action? checkTheRest = null)
    {
        _configuration = configuration;
        _openJwks = openJwks;
        _checkTheRest = checkTheRest ?? (() => { });
        _logger = logger;
        _current = Read();
        _watch = ChangeToken.OnChange(configuration.GetReloadToken, Reload);
    }

    public (JwtPolicy Policy, JwksCache? Published) Current => (_current.Policy, _current.Published);

    public void Dispose() => _watch.Dispose();

    private void Reload()
    {
        try
        {
            _checkTheRest();
            _current = Read();
            LogReloaded(_current.Policy.Keys.Count);
        }
        catch (Exception e) when (e is ConfigurationProblem or OptionsValidationException or InvalidOperationException)
        {
            LogNotReloaded(e.Message);
        }
    }

    private Snapshot Read()
    {
        var policy = _configuration.ReadJwtPolicy() ?? JwtPolicy.Of(new JwtOptions());
        if (policy.Published is not { } source)
        {
            return new Snapshot(policy, Published: null);
        }

        // The same address keeps what was fetched from it; another's keys are fetched at once, and until then its tokens wait.
        var published = _current?.Published is { } kept && kept.Source == source ? kept : _openJwks(source);
        published.RenewIfOld();
        return new Snapshot(policy, published);
    }

    private sealed record Snapshot(JwtPolicy Policy, JwksCache? Published);
}
