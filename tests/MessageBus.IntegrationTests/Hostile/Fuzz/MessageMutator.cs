using System.Globalization;
using System.Text;

namespace MessageBus.IntegrationTests.Hostile.Fuzz;

/// <summary>A message, and whether the protocol owes it an answer whatever is wrong with it.</summary>
internal readonly record struct FuzzedMessage(byte[] Text, bool IsOwedAnAnswer);

/// <summary>Messages of a client gone wrong: most of them JSON whose fields are not what they should be, some with damaged bytes. The same for the same random numbers.</summary>
internal sealed class MessageMutator(Random random)
{
    private static readonly string[] Types =
    [
        "subscribe", "subscribe", "subscribe", "unsubscribe", "unsubscribe", "publish", "publish", "ping", "pong", "connect", "refresh", "request", "presence", "history", "Subscribe", "", "\\u0000",
        "s\\u0075bscribe", "subscribe ", "message", "error",
    ];

    private static readonly string[] OddValues =
    [
        "-1", "0", "1.5", "1e400", "-0", "2147483648", "null", "true", "false", "{}", "[]", "[[[[]]]]", "[{\"channel\":1}]", "[{\"channel\":\"fuzz/1\"}]", "{\"channel\":\"a\",\"channel\":2}", "\"\"",
        "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"__keyspace@0__:x\"", "\"mb:x\"", "\"*\"", "\"fuzz/?\"", "\"a b\"", "\"a\\r\\nb\"", "\"\\u202e\"", "\"😀\"", "\"naïve\"", "\"%%%%\"", "\"eA==\"",
        "{\"epoch\":\"e\",\"offset\":-1}", "{\"a\":{\"b\":[1,2,{\"c\":null}]}}",
    ];

    public FuzzedMessage Next() => random.Next(100) < 94 ? WithOddFields() : WithOddBytes();

    private FuzzedMessage WithOddFields()
    {
        var type = Pick(Types);
        var hasId = random.Next(100) < 90;
        var fields = new List<string> { $"\"type\":{(random.Next(100) is 0 ? Odd() : $"\"{type}\"")}" };
        AddMaybe(fields, "id", hasId ? 100 : 0, () => random.Next(100) < 85 ? random.Next(1, 1000).ToString(CultureInfo.InvariantCulture) : Odd());
        AddMaybe(fields, "channel", 90, () => random.Next(100) < 65 ? $"\"fuzz/{random.Next(30)}\"" : Odd());
        AddMaybe(fields, "payload", type is "publish" ? 80 : 10, () => random.Next(2) is 0 ? "\"text\"" : Odd());
        AddMaybe(fields, "base64", 10, Odd);
        AddMaybe(fields, "token", 5, Odd);
        AddMaybe(fields, "subscriptions", 5, Odd);
        AddMaybe(fields, "since", 5, Odd);
        AddMaybe(fields, Pick(["unknown", "", "\\ud800", "Type", "ty\\u0070f"]), 5, Odd);
        var ordered = fields.ToArray();
        random.Shuffle(ordered);

        // A pong has no answer, and a publish without id only where it fails.
        var isOwed = type is not "pong" && (type is not "publish" || hasId);
        return new FuzzedMessage(Encoding.UTF8.GetBytes($"{{{string.Join(',', ordered)}}}"), isOwed);
    }

    private FuzzedMessage WithOddBytes()
    {
        var text = WithOddFields().Text.ToList();
        for (var edits = random.Next(1, 4); edits > 0 && text.Count > 0; edits--)
        {
            var at = random.Next(text.Count);
            switch (random.Next(4))
            {
                case 0:
                    text[at] ^= (byte)(1 << random.Next(8));
                    break;

                case 1:
                    text.RemoveRange(at, random.Next(text.Count - at));
                    break;

                case 2:
                    text.Insert(at, (byte)random.Next(256));
                    break;

                default:
                    text.InsertRange(at, text.GetRange(0, random.Next(text.Count)));
                    break;
            }
        }

        return new FuzzedMessage([.. text], IsOwedAnAnswer: false);
    }

    private void AddMaybe(List<string> fields, string name, int percent, Func<string> value)
    {
        if (random.Next(100) < percent)
        {
            fields.Add($"\"{name}\":{value()}");
        }
    }

    private string Odd() => random.Next(200) switch
    {
        0 => $"\"{new string('x', random.Next(70_000))}\"",
        1 => new string('[', 2000) + new string(']', 2000),
        2 => new string('1', random.Next(1, 500)),
        < 20 => $"\"{new string('y', random.Next(300))}\"",
        _ => Pick(OddValues),
    };

    private string Pick(string[] choices) => choices[random.Next(choices.Length)];
}
