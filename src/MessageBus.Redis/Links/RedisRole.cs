using StackExchange.Redis;

namespace MessageBus.Redis.Links;

/// <summary>
/// What a Redis says that it is: <c>ROLE</c> (https://redis.io/docs/latest/commands/role), or <c>HELLO</c> without arguments where an ACL forbids that.
/// </summary>
/// <param name="IsPrimary">Whether it takes writes, and so has the publications that others hear.</param>
/// <param name="Replicas">How many replicas are connected to it, where it says so.</param>
internal sealed record RedisRole(bool IsPrimary, int Replicas)
{
    /// <summary>Asks on the connection that commands use.</summary>
    /// <returns>Null where it may not be asked.</returns>
    public static async Task<RedisRole?> AskAsync(IDatabase redis)
    {
        try
        {
            return FromRole(await redis.ExecuteAsync("ROLE"));
        }
        catch (RedisServerException)
        {
            return await AskByHelloAsync(redis);
        }
    }

    private static async Task<RedisRole?> AskByHelloAsync(IDatabase redis)
    {
        try
        {
            var fields = (RedisResult[]?)await redis.ExecuteAsync("HELLO") ?? [];
            for (var i = 0; i + 1 < fields.Length; i += 2)
            {
                if ((string?)fields[i] is "role")
                {
                    return new RedisRole((string?)fields[i + 1] is "master", 0);
                }
            }

            return null;
        }
        catch (RedisServerException)
        {
            return null;
        }
    }

    // ["master", offset, [replica...]] or ["slave", host, port, state, offset]
    private static RedisRole FromRole(RedisResult answer)
    {
        var fields = (RedisResult[]?)answer ?? [];
        var isPrimary = fields.Length > 0 && (string?)fields[0] is "master";
        return new RedisRole(isPrimary, isPrimary && fields.Length > 2 ? ((RedisResult[]?)fields[2] ?? []).Length : 0);
    }
}
