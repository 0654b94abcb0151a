using MessageBus.Gateway.Configuration;
using MessageBus.Gateway.Jwt.Keys;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace MessageBus.Gateway.Jwt;

/// <summary>Makes tokens that this gateway accepts, for operators and tests: signed with the shared secret, for the configured issuer and audience.</summary>
internal static class TokenWriter
{
    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>A token for this user, with channel patterns as rights (<c>mb.sub</c>, <c>mb.pub</c>).</summary>
    /// <exception cref="ConfigurationProblem">There is no secret to sign with.</exception>
    public static string Create(JwtPolicy policy, TokenRequest request, DateTimeOffset now)
    {
        var algorithm = policy.Algorithms.Intersect(VerificationKey.AlgorithmsOfSecrets).FirstOrDefault();
        if (policy.Secret is null || algorithm is null)
        {
            throw new ConfigurationProblem($"'{JwtOptions.Section}:Secret' is not set (or its algorithms are not accepted): tokens for this gateway come from the issuer, who has the private key.");
        }

        return Handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = policy.Issuer,
            Audience = policy.Audience,
            IssuedAt = now.UtcDateTime,
            Expires = (now + request.Lifetime).UtcDateTime,
            Claims = ClaimsOf(policy, request),
            SigningCredentials = new SigningCredentials(policy.Secret.Key, algorithm),
        });
    }

    private static Dictionary<string, object> ClaimsOf(JwtPolicy policy, TokenRequest request)
    {
        var claims = new Dictionary<string, object> { ["sub"] = request.User };
        foreach (var (name, values) in new[] { (policy.RoleClaim, request.Roles), ("mb.sub", request.Subscribe), ("mb.pub", request.Publish) })
        {
            if (values.Length > 0)
            {
                claims[name] = values;
            }
        }

        return claims;
    }
}

/// <summary>What a token is to say.</summary>
internal sealed record TokenRequest(string User, TimeSpan Lifetime, string[] Subscribe, string[] Publish, string[] Roles);
