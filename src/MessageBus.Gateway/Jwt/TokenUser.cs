using System.Security.Claims;
using System.Text.Json;

namespace MessageBus.Gateway.Jwt;

/// <summary>
/// Who a token speaks for. IdentityModel's own identity is not taken: it keeps the token alive for as long as the connection lives, and its user could be
/// another claim than <c>sub</c>.
/// </summary>
internal static class TokenUser
{
    /// <summary>
    /// The claims under their own names: a claim for each value of an array, JSON text for an object. The user is <c>sub</c> and nothing else: a claim with the
    /// name that .NET gives to users is left out, and so is one that differs from <c>sub</c> or from the claim of roles only in case: .NET takes it for that one.
    /// </summary>
    public static ClaimsPrincipal Of(JsonElement payload, string roleClaim)
    {
        var identity = new ClaimsIdentity(JwtConfiguration.Scheme, nameType: "sub", roleClaim);
        foreach (var claim in payload.EnumerateObject())
        {
            Add(claim.Name, claim.Value);
        }

        if (!payload.TryGetProperty(roleClaim, out _) && Inside(payload, roleClaim) is { } roles)
        {
            Add(roleClaim, roles);
        }

        return new ClaimsPrincipal(identity);

        void Add(string name, JsonElement value)
        {
            if (!IsTakenFor(ClaimTypes.NameIdentifier, name) && (name is "sub" || !IsTakenFor("sub", name)) && (name == roleClaim || !IsTakenFor(roleClaim, name)))
            {
                var values = value.ValueKind is JsonValueKind.Array ? value.EnumerateArray() : Enumerable.Repeat(value, 1);
                identity.AddClaims(values.Where(each => each.ValueKind is not JsonValueKind.Null).Select(each => new Claim(name, TextOf(each))));
            }
        }
    }

    /// <summary>As <see cref="ClaimsIdentity.FindFirst(string)"/> compares.</summary>
    private static bool IsTakenFor(string type, string name) => string.Equals(type, name, StringComparison.OrdinalIgnoreCase);

    /// <summary>A claim inside others, as Keycloak's <c>realm_access.roles</c>.</summary>
    private static JsonElement? Inside(JsonElement payload, string path)
    {
        var found = payload;
        foreach (var name in path.Split('.'))
        {
            if (found.ValueKind is not JsonValueKind.Object || !found.TryGetProperty(name, out found))
            {
                return null;
            }
        }

        return found;
    }

    private static string TextOf(JsonElement value) => value.ValueKind is JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
