using MessageBus.Gateway.Configuration;
using MessageBus.Gateway.Jwt.Keys;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;

namespace MessageBus.Gateway.Jwt;

/// <summary>Adds the gateway's JWT scheme where it is configured. A host that uses another one leaves this out.</summary>
internal static class JwtConfiguration
{
    /// <summary>The name of the authentication scheme.</summary>
    public const string Scheme = JwtBearerDefaults.AuthenticationScheme;

    // What a JWK set may take: some kilobytes that come within a moment.
    private static readonly TimeSpan JwksTimeout = TimeSpan.FromSeconds(5);
    private const int MaxJwksBytes = 256 * 1024;

    /// <summary>What the section comes to, or null where nothing is set in it: a variable that is set to nothing is as good as none.</summary>
    /// <exception cref="ConfigurationProblem">Each key that is unknown, and each value that is wrong.</exception>
    public static JwtPolicy? ReadJwtPolicy(this IConfiguration configuration)
    {
        var section = configuration.GetSection(JwtOptions.Section);
        if (section.AsEnumerable().All(setting => string.IsNullOrEmpty(setting.Value)))
        {
            return null;
        }

        var problems = KnownKeys.Problems(section, typeof(JwtOptions)).Select(problem => problem.Message).ToList();
        var policy = JwtPolicy.Read(section.ReadValid<JwtOptions>(), problems);
        return problems.Count is 0 ? policy : throw new ConfigurationProblem(problems);
    }

    /// <exception cref="ConfigurationProblem">It is configured wrongly; or outside Development not at all, so that nobody could get in.</exception>
    public static void AddJwt(this WebApplicationBuilder builder)
    {
        // Read here only to stop the start with one line at what is wrong.
        if (builder.Configuration.ReadJwtPolicy() is not null)
        {
            builder.Services.AddJwt();
        }
        else if (!builder.Environment.IsDevelopment() && !builder.Configuration.GetValue<bool>($"{GatewayOptions.Section}:{nameof(MessageBusOptions.AllowAnonymous)}"))
        {
            throw new ConfigurationProblem(
                $"'{JwtOptions.Section}' is not set, so nobody could connect. Set MessageBus__Jwt__Secret (at least 32 bytes), MessageBus__Jwt__PublicKeys__0__Path, "
                + "MessageBus__Jwt__Authority or MessageBus__Jwt__JwksUrl to say whose tokens are accepted, or set 'MessageBus:AllowAnonymous' to true to serve everybody.");
        }
    }

    /// <summary>Finds out who a request is from, where a scheme was added.</summary>
    public static void UseJwt(this WebApplication app)
    {
        if (app.Services.GetService<JwtKeyRing>() is not null)
        {
            app.UseAuthentication();
        }
    }

    public static JwksCache OpenJwks(KeySource source, TimeProvider time, ILogger logger) => new(source, NewJwksClient(), time, logger);

    private static void AddJwt(this IServiceCollection services)
    {
        services.AddSingleton(provider => new JwtKeyRing(
            provider.GetRequiredService<IConfiguration>(),
            source => OpenJwks(source, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<JwksCache>>()),
            provider.GetRequiredService<ILogger<JwtKeyRing>>(),
            () => provider.GetRequiredService<IOptionsFactory<MessageBusOptions>>().Create(Options.DefaultName)));
        services.AddSingleton<JwtValidator>();
        services.AddSingleton<Authentication.ITokenValidator>(provider => provider.GetRequiredService<JwtValidator>());
        services.AddAuthentication(Scheme).AddScheme<JwtBearerOptions, JwtHandler>(Scheme, null);
        services.AddOptions<JwtBearerOptions>(Scheme).Configure<JwtKeyRing, JwtValidator>(JwtHandler.Configure);
    }

    /// <summary>Goes to the addresses that it is given, and nowhere that they redirect to.</summary>
    private static HttpClient NewJwksClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = JwksTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        Timeout = JwksTimeout,
        MaxResponseContentBufferSize = MaxJwksBytes,
    };
}
