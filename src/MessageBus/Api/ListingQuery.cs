using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MessageBus.Http;
using Microsoft.AspNetCore.Http;

namespace MessageBus.Api;

/// <summary>How much of a list is asked for, and in which order.</summary>
/// <param name="Limit">At most so many.</param>
/// <param name="Order">The order, which decides which ones.</param>
internal readonly record struct ListingQuery<TOrder>(int Limit, TOrder Order)
    where TOrder : struct, Enum
{
    private const int DefaultLimit = 1_000;
    private const int MostAtOnce = 10_000;

    /// <summary>Reads both as they stand in the address. Without a limit it is 1,000, without an order the first of its kind.</summary>
    public static bool TryRead(string? limit, string? order, out ListingQuery<TOrder> query, [NotNullWhen(false)] out IResult? problem)
    {
        query = default;
        problem = null;
        var count = DefaultLimit;
        if (!string.IsNullOrEmpty(limit) && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > MostAtOnce))
        {
            problem = Problems.BadQuery($"'limit' is a number from 1 to {MostAtOnce}.");
            return false;
        }

        // By name only: Enum.Parse would take numbers too.
        var names = Enum.GetNames<TOrder>().Select(name => name.ToLowerInvariant()).ToList();
        var index = string.IsNullOrEmpty(order) ? 0 : names.IndexOf(order);
        if (index < 0)
        {
            problem = Problems.BadQuery($"'order' is one of: {string.Join(", ", names)}.");
            return false;
        }

        query = new ListingQuery<TOrder>(count, Enum.GetValues<TOrder>()[index]);
        return true;
    }
}
