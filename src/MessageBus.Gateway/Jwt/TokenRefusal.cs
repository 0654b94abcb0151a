namespace MessageBus.Gateway.Jwt;

/// <summary>Why a token is not accepted.</summary>
/// <param name="Fault">The kind, which says nothing of the token's content and may be logged.</param>
/// <param name="Words">A sentence for the holder of the token. May quote it, so it goes to nobody else.</param>
internal sealed record TokenRefusal(TokenFault Fault, string Words);

/// <summary>What can be wrong with a token, in the order in which it is looked at.</summary>
internal enum TokenFault
{
    /// <summary>Over 8 KB. Nothing of it was read.</summary>
    TooLong,

    /// <summary>Not a signed JSON Web Token in compact serialization.</summary>
    Malformed,

    /// <summary>Its header asks for an extension that the gateway does not have (<c>crit</c>, RFC 7515 section 4.1.11).</summary>
    UnknownExtension,

    /// <summary>Its algorithm is not one of those that the configured keys are good for.</summary>
    WrongAlgorithm,

    /// <summary>It names a key that the gateway does not have.</summary>
    UnknownKey,

    /// <summary>No key of the gateway has made its signature.</summary>
    WrongSignature,

    /// <summary>A claim has the wrong type.</summary>
    BadClaim,

    /// <summary>It says nowhere when it ends.</summary>
    NoExpiry,

    /// <summary>It has ended.</summary>
    Expired,

    /// <summary>It has not begun.</summary>
    NotYetValid,

    /// <summary>Another issuer than the configured one.</summary>
    WrongIssuer,

    /// <summary>It is meant for somebody else.</summary>
    WrongAudience,
}
