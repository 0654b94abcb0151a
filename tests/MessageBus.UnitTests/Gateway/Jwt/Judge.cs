using System.Security.Cryptography;
using MessageBus.Authentication;
using MessageBus.Gateway.Jwt;
using MessageBus.Gateway.Jwt.Keys;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessageBus.UnitTests.Gateway.Jwt;

/// <summary>A validator with settings of the test's own, at a clock of the test's own.</summary>
internal sealed class Judge : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly JwtKeyRing _ring;

    public Judge(params (string Key, string? Value)[] settings)
        : this(_ => throw new InvalidOperationException("This test has no JWK set."), settings)
    {
    }

    public Judge(Func<KeySource, JwksCache> openJwks, params (string Key, string? Value)[] settings)
    {
        Configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"MessageBus:Jwt:{setting.Key}", setting.Value)))
            .Build();
        _ring = new JwtKeyRing(Configuration, openJwks, NullLogger<JwtKeyRing>.Instance);
        Validator = new JwtValidator(_ring, Time, NullLogger<JwtValidator>.Instance);
    }

    public FakeTimeProvider Time { get; } = new(Start);

    public IConfigurationRoot Configuration { get; }

    public JwtValidator Validator { get; }

    /// <summary>Public keys of RS256, PS256 and ES256 for the tests.</summary>
    public static RSA Rsa { get; } = RSA.Create(2048);

    public static ECDsa Elliptic { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>So many seconds after the test's clock began.</summary>
    public static long At(double seconds) => Start.AddSeconds(seconds).ToUnixTimeSeconds();

    public async Task<ValidatedToken?> ValidateAsync(string token) => await Validator.ValidateAsync(token, CancellationToken.None);

    /// <summary>The first reason; null where it is accepted. What is explained is what happens.</summary>
    public async Task<TokenFault?> FaultAsync(string token)
    {
        var problems = await Validator.ExplainAsync(token, CancellationToken.None);
        Assert.Equal(problems.Count is 0, await ValidateAsync(token) is not null);
        Assert.All(problems, problem => Assert.NotEmpty(problem.Words));
        return problems.Count is 0 ? null : problems[0].Fault;
    }

    public void Dispose() => _ring.Dispose();
}
