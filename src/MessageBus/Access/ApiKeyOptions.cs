using System.ComponentModel.DataAnnotations;

namespace MessageBus.Access;

/// <summary>
/// A key for the REST API, for backends and operators. It comes in the header <c>X-Api-Key</c>, or, other than to publish,
/// as <c>Authorization: Bearer</c>. The configuration holds either the key or its SHA-256,
/// so that who can read the configuration need not be able to use it.
/// </summary>
public sealed class ApiKeyOptions
{
    /// <summary>The fewest characters of a key: 32 random ones cannot be guessed.</summary>
    public const int MinLength = 32;

    /// <summary>The most characters of a key.</summary>
    public const int MaxLength = 512;

    /// <summary>What the log calls its holder. Default: its number in the list.</summary>
    public string? Name { get; set; }

    /// <summary>The key itself: 32 to 512 printable characters of ASCII. Either this or <see cref="Sha256"/>.</summary>
    [DataType(DataType.Password)]
    public string? Key { get; set; }

    /// <summary>The SHA-256 of the key, as 64 hexadecimal digits. Either this or <see cref="Key"/>.</summary>
    [DataType(DataType.Password)]
    public string? Sha256 { get; set; }

    /// <summary>What it is good for: <c>publish</c>, <c>read</c>, <c>admin</c>, or several of them with <c>|</c> between. None includes another. Required.</summary>
    public string? Scopes { get; set; }
}
