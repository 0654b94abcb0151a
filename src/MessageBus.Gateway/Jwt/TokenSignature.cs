using MessageBus.Gateway.Jwt.Keys;

namespace MessageBus.Gateway.Jwt;

/// <summary>Whether one of our keys has made a token's signature. The key says which algorithms it is good for; the token only names one of them.</summary>
internal static class TokenSignature
{
    /// <summary>Why it does not hold; null where it does.</summary>
    public static TokenRefusal? Check(CompactToken token, JwtPolicy policy, IReadOnlyList<VerificationKey> keys)
    {
        var accepted = policy.Algorithms.Where(algorithm => keys.Any(key => key.Algorithms.Contains(algorithm))).ToList();
        if (!accepted.Contains(token.Algorithm))
        {
            return keys.Count is 0
                ? new TokenRefusal(TokenFault.UnknownKey, "The gateway has no keys yet: it could not fetch its JWK set.")
                : new TokenRefusal(TokenFault.WrongAlgorithm, $"Its algorithm is {Quoted.Text(token.Algorithm)}; this gateway's keys accept {string.Join(", ", accepted)}.");
        }

        var candidates = keys.Where(key => key.Algorithms.Contains(token.Algorithm) && IsNamedBy(token, key)).ToList();
        if (candidates.Count is 0)
        {
            return new TokenRefusal(TokenFault.UnknownKey, $"It names the key {Quoted.Text(token.KeyId!)} ('kid'), which this gateway does not have.");
        }

        return candidates.Exists(key => key.Verify(token.Algorithm, token.SignedBytes, token.Signature))
            ? null
            : new TokenRefusal(TokenFault.WrongSignature, "Its signature is not of this gateway's key: it was made with another one, or changed afterwards.");
    }

    /// <summary>Whether its key may be among those that are not known yet.</summary>
    public static bool IsOfUnknownKey(CompactToken token, TokenRefusal refusal, IReadOnlyList<VerificationKey> published) => refusal.Fault switch
    {
        TokenFault.UnknownKey => true,
        TokenFault.WrongAlgorithm or TokenFault.WrongSignature => token.KeyId is not null && published.All(key => key.Id != token.KeyId),
        _ => false,
    };

    private static bool IsNamedBy(CompactToken token, VerificationKey key) => token.KeyId is null || key.Id is null || key.Id == token.KeyId;
}
