using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using MessageBus.Gateway.Configuration;
using MessageBus.Gateway.Jwt.Keys;

namespace MessageBus.Gateway.Jwt;

/// <summary>Makes tokens that this gateway accepts, for operators and tests: signed with the shared secret, for the configured issuer and audience.</summary>
internal static class TokenWriter
{
    /// <summary>A token for this user, with channel patterns as rights (<c>mb.sub</c>, <c>mb.pub</c>).</summary>
    /// <exception cref="ConfigurationProblem">There is no secret to sign with.</exception>
    public static string Create(JwtPolicy policy, TokenRequest request, DateTimeOffset now)
    {
        var algorithm = policy.Algorithms.Intersect(Algorithms.OfSecrets).FirstOrDefault();
        if (policy.Secret is null || algorithm is null)
        {
            throw new ConfigurationProblem($"'{JwtOptions.Section}:Secret' is not set (or its algorithms are not accepted): tokens for this gateway come from the issuer, who has the private key.");
        }

        var header = Encode(new Dictionary<string, object> { ["alg"] = algorithm, ["typ"] = "JWT" });
        var signed = $"{header}.{Encode(ClaimsOf(policy, request, now))}";
        return $"{signed}.{Base64Url.EncodeToString(policy.Secret.Sign(algorithm, Encoding.ASCII.GetBytes(signed)))}";
    }

    private static Dictionary<string, object> ClaimsOf(JwtPolicy policy, TokenRequest request, DateTimeOffset now)
    {
        var claims = new Dictionary<string, object>
        {
            ["sub"] = request.User,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + request.Lifetime).ToUnixTimeSeconds(),
        };
        AddIfAny("iss", policy.Issuer);
        AddIfAny("aud", policy.Audience);
        AddAllIfAny(policy.RoleClaim, request.Roles);
        AddAllIfAny("mb.sub", request.Subscribe);
        AddAllIfAny("mb.pub", request.Publish);
        return claims;

        void AddIfAny(string name, string? value)
        {
            if (value is not null)
            {
                claims[name] = value;
            }
        }

        void AddAllIfAny(string name, string[] values)
        {
            if (values.Length > 0)
            {
                claims[name] = values;
            }
        }
    }

    private static string Encode(Dictionary<string, object> json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(json));
}

/// <summary>What a token is to say.</summary>
internal sealed record TokenRequest(string User, TimeSpan Lifetime, string[] Subscribe, string[] Publish, string[] Roles);
