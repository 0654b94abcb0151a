using MessageBus.Gateway.Jwt;
using MessageBus.Gateway.Jwt.Keys;

namespace MessageBus.UnitTests.Gateway.Jwt;

/// <summary>The examples of the RFCs, character for character.</summary>
public sealed class RfcVectorTests
{
    /// <summary>RFC 7515 appendix A.1 and RFC 7519 section 3.1.</summary>
    private const string Payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    private const string Hs256 = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + Payload + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    /// <summary>RFC 7515 appendix A.2.</summary>
    private const string Rs256 = "eyJhbGciOiJSUzI1NiJ9." + Payload
        + ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4"
        + "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv"
        + "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

    /// <summary>RFC 7515 appendix A.3.</summary>
    private const string Es256 = "eyJhbGciOiJFUzI1NiJ9." + Payload + ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    /// <summary>RFC 7518 section 3.5 has no example. Made by: openssl dgst -sha256 -sign, with rsa_padding_mode:pss and rsa_pss_saltlen:32.</summary>
    private const string Ps256 = "eyJhbGciOiJQUzI1NiJ9." + Payload
        + ".GgXqKsUyqGOOHMDQkialNYaIk5ovfR-4gyWxER1OhxiA3o2P4ue5YNktZxbgIemcQkO4ek82jY5bamMP1_ijxXQi0I9IHiRRmCFK-9B9jm7gA9d-Ai5ehVbN4PRjw4o-dgRNJ_pOV80jjme6qRn0kqYMb03IHMo813-tdfUoqkYfc84miq0L_y3-Y2GJiynAnQPBaGvUeoV8F61h3E88D2H2dHHZi17ygC_FW4uPY_34c3KS6XCH7jjIAWImrKi-JaqVx7gvpPONG96VmTF2Yeh4SP9U27VRqM_KS5-kyF2f6D1g3r4MJvuN5YPzWTQm4i3TCR4aWY_lwyYffjnY7w";

    /// <summary>The same with rsa_pss_saltlen:20.</summary>
    private const string Ps256OfAShortSalt = "eyJhbGciOiJQUzI1NiJ9." + Payload
        + ".hs4xt4Ico4YurCleT3sYEL22JwSNOnMBTdyFLAW-zmTDOyA_QLAVciie1VtoZ297oxKxAnw6W-jScj2OQ_wOYqOHKJEm5KpoZqXYue_fNVsslaG-YB9JhcFAks9sZ57nXeRsQrxSodnsbjbNE46-9QaiLQmG_12DgzM6ITY11UoRM2HHtDYSB7TX3GazoE0w2QnD-67q0UgskuHof9cMVuqxS_Cu7cZzTVaLcJFeMVj1utE3GBgcTTbnvXQ7dQ-4bXpVDb0KxBa0RzZxIUm8-6B9xspseR46fegsmGFl352--eTvn00SLrwQzi3fj0UiGPpeleFIjeN896UQsQJreg";

    private const string KeyOfPs256 = """
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqmiR8tv2LR4cZD9LdR30
        y3LzxOLuRjeB8fJiHN8vHKgkbrOTRXZHUXCyoN1cFAZUqsKttHlkDZEnAzzorMnh
        +nPuX1YOXY9DC+7mwLAdbG0Mu/XZm7OJAp6c+/5lCJb+QXcm0sTzzCgB29lb80sW
        zEZfpddp2wAqf3rZ1Iax9mqwbGX3lFyYTpExek9C2Z8KW/ifgrXboi6xWHMzfxPU
        kTvH1rmfSe5YWZZTLqAKjHiL9n2i/RwFZ2zJZ0Phu1cbh3LIJxJwZEnpbYJMLHUu
        sBxVHylvmXwNSts8ubL0ZbQIUDERDplxo6brIPdQE57iXUWrcbeTRYV31XZ/lTfd
        pQIDAQAB
        -----END PUBLIC KEY-----
        """;

    /// <summary>RFC 7515 appendix A.5 and RFC 7519 section 6.1: an unsecured token.</summary>
    private const string Unsecured = "eyJhbGciOiJub25lIn0." + Payload + ".";

    /// <summary>RFC 7515 appendix E: an extension that must be understood.</summary>
    private const string Critical =
        "eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9VTkRFRklORUQiOnRydWUNCn0.RkFJTA.";

    /// <summary>The key of RFC 7515 appendix A.1, with the filling that our setting wants.</summary>
    private const string SecretOfA1 = "base64:AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ+EstJQLr/T+1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow==";

    /// <summary>The public keys of appendices A.2 and A.3 as a JWK set.</summary>
    private const string KeysOfA2AndA3 = """
        {"keys":[
          {"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
          {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}
        """;

    /// <summary>RFC 7517 appendix A.1: the first key is for encryption.</summary>
    private const string KeySetOfRfc7517 = """
        {"keys":[
          {"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"},
          {"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}]}
        """;

    // exp of the example is 2011-03-22T18:43:00Z.
    private static readonly DateTimeOffset BeforeItEnds = DateTimeOffset.FromUnixTimeSeconds(1300819380 - 1);

    [Fact]
    public async Task HS256_of_RFC_7515_A1_is_accepted_until_its_exp()
    {
        var policy = JwtPolicy.Of(new JwtOptions { Secret = SecretOfA1, Issuer = "joe" });

        Assert.Null(await FaultAsync(Hs256, policy, []));
        Assert.Equal(TokenFault.Expired, await FaultAsync(Hs256, policy, [], BeforeItEnds.AddSeconds(61)));
        Assert.Equal("true", TokenUser.Of(Parse(Hs256).Payload, "role").FindFirst("http://example.com/is_root")!.Value);
    }

    [Theory]
    [InlineData(Rs256)]
    [InlineData(Es256)]
    public async Task RS256_of_A2_and_ES256_of_A3_are_accepted(string text)
    {
        Assert.Null(await FaultAsync(text, AnyPolicy(), Set(KeysOfA2AndA3)));
    }

    [Fact]
    public async Task PS256_of_OpenSSL_is_accepted_with_a_salt_as_long_as_the_hash_and_no_other()
    {
        VerificationKey[] keys = [PemKey.Parse(KeyOfPs256, id: null)];

        Assert.Null(await FaultAsync(Ps256, AnyPolicy(), keys));
        Assert.Equal(TokenFault.WrongSignature, await FaultAsync(Ps256OfAShortSalt, AnyPolicy(), keys));
    }

    [Theory]
    [InlineData(Hs256)]
    [InlineData(Rs256)]
    [InlineData(Es256)]
    public async Task Any_other_character_in_any_place_is_refused(string text)
    {
        var policy = JwtPolicy.Of(new JwtOptions { Secret = SecretOfA1 });
        var keys = Set(KeysOfA2AndA3);

        // The base64url alphabet in its order; the bit that differs is one that counts in every character of a part, also in its last.
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] is not '.')
            {
                var other = Alphabet[Alphabet.IndexOf(text[at], StringComparison.Ordinal) ^ 0x20];
                var changed = string.Concat(text.AsSpan(0, at), [other], text.AsSpan(at + 1));

                Assert.False(CompactToken.TryParse(changed, out _, out _) && await FaultAsync(changed, policy, keys) is null, $"Accepted with another character at {at}.");
            }
        }
    }

    [Fact]
    public async Task Unsecured_token_of_A5_is_refused()
    {
        Assert.Equal(TokenFault.WrongAlgorithm, await FaultAsync(Unsecured, AnyPolicy(), []));
    }

    [Fact]
    public void Critical_extension_of_appendix_E_is_refused()
    {
        Assert.False(CompactToken.TryParse(Critical, out _, out _));
    }

    [Fact]
    public void Key_set_of_RFC_7517_gives_the_one_key_that_is_for_signatures()
    {
        var key = Assert.Single(Set(KeySetOfRfc7517));

        Assert.Equal("2011-04-29", key.Id);
        Assert.Equal(["RS256"], key.Algorithms);
    }

    private static JwtPolicy AnyPolicy() => JwtPolicy.Of(new JwtOptions { Secret = SecretOfA1 });

    private static IReadOnlyList<VerificationKey> Set(string json) => JwkSet.Parse(System.Text.Encoding.UTF8.GetBytes(json));

    private static async Task<TokenFault?> FaultAsync(string text, JwtPolicy policy, IReadOnlyList<VerificationKey> published, DateTimeOffset? now = null) =>
        (await new TokenChecks(Parse(text), policy, new IssuerKeys(published, Issuer: null), now ?? BeforeItEnds).FirstProblemAsync())?.Fault;

    private static CompactToken Parse(string text)
    {
        Assert.True(CompactToken.TryParse(text, out var token, out var refusal), refusal?.Words);
        return token!;
    }
}
