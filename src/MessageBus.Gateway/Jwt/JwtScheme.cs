namespace MessageBus.Gateway.Jwt;

/// <summary>The gateway's own authentication scheme. The name is JwtBearer's, which can take its place.</summary>
internal static class JwtScheme
{
    public const string Name = "Bearer";
}
