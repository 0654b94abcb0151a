using System.Text;

namespace MessageBus.Redis.Recording;

/// <summary>Text within a pattern of Redis (https://redis.io/docs/latest/commands/psubscribe/): special characters are escaped with a backslash.</summary>
internal static class GlobText
{
    public static string Escape(string literal)
    {
        var escaped = new StringBuilder(literal.Length);
        foreach (var character in literal)
        {
            if (character is '*' or '?' or '[' or ']' or '\\' or '^')
            {
                escaped.Append('\\');
            }

            escaped.Append(character);
        }

        return escaped.ToString();
    }
}
