using System.Net;
using System.Net.Http.Headers;
using MessageBus.Access;
using MessageBus.Authentication;
using MessageBus.Http;
using MessageBus.Limits;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace MessageBus.Api;

/// <summary>
/// Who may use the REST API: those with an API key of the right scope. Users publish without one, under the rules for channels. Where there are no keys,
/// it is open in the Development environment, unless anonymous users are not served.
/// </summary>
internal sealed class ApiAccess(
    ChannelAccess access, OriginCheck origins, IHostEnvironment environment, AccessOptions options, ITokenValidator? tokens = null)
{
    /// <summary>The header that a key comes in, where it is not a bearer token. Never the address, which stands in logs.</summary>
    public const string KeyHeader = "X-Api-Key";

    private readonly bool _allowAnonymous = options.AllowAnonymous is true;
    private readonly bool _isDevelopment = environment.IsDevelopment();

    private bool IsOpen => _isDevelopment && _allowAnonymous && access.Policy.ApiKeys.Count is 0;

    /// <summary>Why the request is not served that needs a key of this scope; null where it is.</summary>
    public IResult? Refusal(HttpContext context, ApiKeyScope scope)
    {
        if (IsOpen)
        {
            return null;
        }

        if (context.Request.Headers.ContainsKey(KeyHeader))
        {
            return RefusalOfKey(context.Request, scope, out _);
        }

        if (FindBearerKey(context.Request) is { } key)
        {
            return RefusalOfScope(key, scope);
        }

        // Who has shown who they are, but without a key, may not. They learn no more than a stranger.
        return context.User.Identity is { IsAuthenticated: true } ? Problems.KeyWithoutScope(scope) : Problems.KeyMissing(scope);
    }

    /// <summary>What the caller's key is good for: nothing without one. 401 where it is wrong.</summary>
    public IResult Describe(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (IsOpen)
        {
            return Results.Ok(new KeyListing(Name: null, [.. Enum.GetValues<ApiKeyScope>().Select(Problems.Name)]));
        }

        if (!context.Request.Headers.ContainsKey(KeyHeader))
        {
            return FindBearerKey(context.Request) is { } bearer ? Results.Ok(Listing(bearer)) : Results.Ok(new KeyListing(Name: null, []));
        }

        return Find(context.Request) is { } key ? Results.Ok(Listing(key)) : Problems.BadKey();
    }

    /// <summary>Why the request may not publish at all; null where <paramref name="publisher"/> may try.</summary>
    public IResult? RefusalOfPublisher(HttpContext context, out ApiPublisher publisher)
    {
        publisher = default;
        if (!IsOpen && context.Request.Headers.ContainsKey(KeyHeader))
        {
            var refusal = RefusalOfKey(context.Request, ApiKeyScope.Publish, out var key);
            publisher = new ApiPublisher($"key {key?.Name}", Caller: null);
            return refusal;
        }

        var caller = Caller.Of(context.User);
        publisher = new ApiPublisher(caller.User is { } user ? $"user {user}" : $"address {BlockOf(context.Connection.RemoteIpAddress)}", caller);
        if (!caller.IsAuthenticated && !_allowAnonymous)
        {
            return Problems.Unauthenticated();
        }

        if (!caller.IsAuthenticated && tokens is not null && context.Request.Headers.Authorization.Count > 0)
        {
            return Problems.BadToken();
        }

        // A browser adds a cookie to whatever another site's page makes it send.
        return origins.Admits(context, carriesToken: context.Request.Headers.Authorization.Count > 0) ? null : Problems.ForeignOrigin();
    }

    private static AddressBlock? BlockOf(IPAddress? address) => address is null ? null : AddressBlock.Of(address);

    private static KeyListing Listing(ApiKey key) => new(key.Name, [.. key.Scopes.Select(Problems.Name)]);

    /// <summary>Two headers are none: which one counts would be anybody's guess.</summary>
    private ApiKey? Find(HttpRequest request) =>
        request.Headers[KeyHeader] is [var presented] ? access.Policy.ApiKeys.Find(presented ?? "") : null;

    private IResult? RefusalOfKey(HttpRequest request, ApiKeyScope scope, out ApiKey? key)
    {
        key = Find(request);
        return key is null ? Problems.BadKey() : RefusalOfScope(key, scope);
    }

    private static IResult? RefusalOfScope(ApiKey key, ApiKeyScope scope) => key.IsGoodFor(scope) ? null : Problems.KeyWithoutScope(scope);

    /// <summary>
    /// The key that came as a bearer token (RFC 6750 section 2.1), for tools that send no header of ours; null where there is none, or it is the token of a user.
    /// </summary>
    private ApiKey? FindBearerKey(HttpRequest request) =>
        AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) && header is { Parameter: { } presented }
        && header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)
            ? access.Policy.ApiKeys.Find(presented)
            : null;
}

/// <summary>What a caller may do here.</summary>
/// <param name="Name">The key's in the configuration; null without one.</param>
/// <param name="Scopes"><c>publish</c>, <c>read</c>, <c>admin</c>: all of them where the API is open, none without a key where it is not.</param>
public sealed record KeyListing(string? Name, IReadOnlyList<string> Scopes);

/// <summary>Who publishes over the REST API.</summary>
/// <param name="Name">Whose publications are counted together.</param>
/// <param name="Caller">Who is held to the rules for channels; null: a key, which is not.</param>
internal readonly record struct ApiPublisher(string Name, Caller? Caller);
