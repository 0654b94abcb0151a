using System.Text.RegularExpressions;

namespace MessageBus.IntegrationTests.EmbeddedRedis;

/// <summary>
/// Sends the same bytes to a real redis-server and to the embedded one and compares every byte that comes back.
/// Only the numbers that the servers give to clients differ, and are masked.
/// </summary>
[Trait("Sockets", "Either")]
public sealed partial class SameBytesAsRedisTests(BothServers servers) : IClassFixture<BothServers>
{
    public static TheoryData<string> Scripts =>
    [
        // Connection
        "PING\r\nPING hello\r\nping a b\r\n",
        "ECHO hello\r\nECHO\r\n*2\r\n$4\r\nECHO\r\n$0\r\n\r\n*2\r\n$4\r\nECHO\r\n$5\r\n\0\xff\r\n\x80\r\n",
        "HELLO\r\nHELLO 2\r\nHELLO 3\r\nHELLO\r\nHELLO 2\r\nPING\r\n",
        "HELLO x\r\nHELLO 4\r\nHELLO 1\r\nHELLO 3 FOO\r\nHELLO 3 SETNAME\r\nHELLO 3 AUTH default\r\nHELLO 03\r\n",
        "HELLO 3 AUTH default x SETNAME me\r\nCLIENT GETNAME\r\nHELLO 2 AUTH nobody x SETNAME you\r\nCLIENT GETNAME\r\n",
        "HELLO 3 SETNAME \"a b\"\r\nPING\r\nHELLO 3 setname one auth default y SETNAME two\r\nCLIENT GETNAME\r\n",
        "AUTH\r\nAUTH x\r\nAUTH default y\r\nAUTH u p\r\nAUTH a b c\r\n",
        "SELECT 0\r\nSELECT 15\r\nSELECT 16\r\nSELECT -1\r\nSELECT x\r\nSELECT 99999999999\r\nSELECT\r\nSELECT 01\r\nSELECT +1\r\n",
        "QUIT\r\nPING\r\n",
        "quit a b\r\nPING\r\n",
        "RESET\r\nRESET x\r\nHELLO 3\r\nCLIENT SETNAME me\r\nRESET\r\nCLIENT GETNAME\r\n",

        // CLIENT
        "CLIENT\r\nCLIENT FOO\r\nCLIENT SETNAME\r\nclient setname a b\r\nCLIENT ID x\r\nCLIENT INFO x\r\nCLIENT GETNAME x\r\n",
        "CLIENT GETNAME\r\nCLIENT SETNAME me\r\nCLIENT GETNAME\r\nCLIENT SETNAME \"a b\"\r\nCLIENT SETNAME \"\"\r\nCLIENT GETNAME\r\n",
        "HELLO 3\r\nCLIENT GETNAME\r\nCLIENT SETNAME me\r\nCLIENT GETNAME\r\n",

        // COMMAND and INFO, as far as they do not tell about the server itself
        "COMMAND NOPE\r\nCOMMAND COUNT x\r\nCOMMAND DOCS nope\r\nCOMMAND INFO nope\r\nHELLO 3\r\nCOMMAND DOCS nope\r\nCOMMAND INFO nope nada\r\n",
        "INFO nope\r\nHELLO 3\r\nINFO nope\r\nINFO keyspace\r\n",
        "INFO keyspace\r\nINFO KEYSPACE nope\r\n",

        // Not a command
        "FOO\r\nFOO a b\r\nfoo \"\"\r\n*0\r\nPING\r\n",
        "*3\r\n$1\r\nF\r\n$4\r\na\r\nx\r\n$3\r\nb\0c\r\n*1\r\n$0\r\n\r\n*1\r\n$3\r\n\xff\xfe\n\r\n",
        "FOO 0123456789012345678901234567890123456789 0123456789012345678901234567890123456789 0123456789012345678901234567890123456789 0123456789\r\n",
        "FOO " + new string('a', 127) + " b c\r\nFOO " + new string('a', 128) + " b\r\n" + new string('x', 200) + " y\r\n",
        "POST / HTTP/1.1\r\nPING\r\n",
        "Host: localhost\r\nPING\r\n",

        // Publish and subscribe
        "PUBLISH\r\nPUBLISH a\r\nPUBLISH a b c\r\nPUBLISH a b\r\nPUBLISH __x y\r\n",
        "SUBSCRIBE\r\nPSUBSCRIBE\r\nSUBSCRIBE a\r\nSUBSCRIBE a\r\nSUBSCRIBE b c\r\nPSUBSCRIBE x*\r\nUNSUBSCRIBE a\r\nUNSUBSCRIBE a nope\r\nPUNSUBSCRIBE x*\r\n",
        "SUBSCRIBE a\r\nUNSUBSCRIBE\r\nUNSUBSCRIBE\r\nPSUBSCRIBE p\r\nPUNSUBSCRIBE\r\nPUNSUBSCRIBE\r\nPING\r\n",
        "HELLO 3\r\nSUBSCRIBE a b\r\nPUBLISH a x\r\nPSUBSCRIBE a*\r\nPUBLISH a y\r\nUNSUBSCRIBE a\r\nPUBLISH a z\r\nPUNSUBSCRIBE\r\nPUNSUBSCRIBE\r\nPING\r\n",
        "HELLO 3\r\nSUBSCRIBE a\r\nPING\r\nPING x\r\nECHO x\r\nCLIENT GETNAME\r\nRESET\r\nPING\r\nPUBLISH a x\r\n",
        "SUBSCRIBE a\r\nPUBLISH a b\r\nPING\r\nPING x\r\nPING a b\r\nFOO\r\nCLIENT FOO\r\nCLIENT ID\r\nCLIENT\r\nHELLO 3\r\nECHO\r\nECHO x\r\nRESET\r\nPING\r\n",
        "PSUBSCRIBE a\r\nECHO x\r\nINFO\r\nSELECT 0\r\nAUTH default x\r\nCOMMAND\r\nPUBSUB NUMPAT\r\nPUBSUB CHANNELS\r\nCOMMAND COUNT\r\nQUIT\r\n",
        "*2\r\n$9\r\nSUBSCRIBE\r\n$0\r\n\r\n*2\r\n$9\r\nSUBSCRIBE\r\n$4\r\n\0\xff\r\n\r\n*2\r\n$11\r\nUNSUBSCRIBE\r\n$4\r\n\0\xff\r\n\r\n",
        "HELLO 3\r\nSUBSCRIBE a\r\nHELLO 2\r\nPUBLISH a x\r\nUNSUBSCRIBE\r\nPUBLISH a x\r\n",

        // PUBSUB
        "PUBSUB\r\nPUBSUB FOO\r\nPUBSUB CHANNELS a b\r\nPUBSUB NUMPAT x\r\nPUBSUB NUMSUB\r\nPUBSUB CHANNELS\r\nPUBSUB NUMPAT\r\nPUBSUB NUMSUB a b\r\n",
        "HELLO 3\r\nSUBSCRIBE news.a\r\nPSUBSCRIBE *\r\nPUBSUB CHANNELS\r\nPUBSUB CHANNELS news.*\r\nPUBSUB CHANNELS x*\r\nPUBSUB NUMSUB news.a b\r\nPUBSUB NUMPAT\r\n",

        // Inline commands
        "\r\n\n  \r\nPING\nPING\r\n  PING   x  \r\n",
        "ECHO \"a b\"\r\nECHO 'a b'\r\nECHO \"\\x41\\n\\r\\t\\b\\a\\\\\\\"\\q\\xzz\"\r\nECHO 'it\\'s \\n'\r\nECHO a\"b\"\r\nECHO \"\"\r\nECHO a'b c'\r\n",
        "ECHO \"a\r\nPING\r\n",
        "ECHO 'a\r\nPING\r\n",
        "ECHO \"a\"b\r\nPING\r\n",
        "ECHO 'a'b\r\nPING\r\n",
        "ECHO a\vb\r\nECHO \va\f\r\n",

        // Multibulk, and what is wrong with it
        "*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nPING\r\n$1\r\nx\r\nPING\r\n",
        "*0\r\n*-1\r\n*-5\r\nPING\r\n",
        "*x\r\nPING\r\n",
        "*\r\nPING\r\n",
        "*01\r\nPING\r\n",
        "*-0\r\nPING\r\n",
        "*+1\r\nPING\r\n",
        "* 1\r\nPING\r\n",
        "*2147483648\r\nPING\r\n",
        "*99999999999999999999\r\nPING\r\n",
        "*1\r\nPING\r\n",
        "*1\r\n\r\nPING\r\n",
        "*1\r\n:4\r\nPING\r\n",
        "*1\r\n$x\r\nPING\r\n",
        "*1\r\n$-1\r\nPING\r\n",
        "*1\r\n$99999999999\r\nPING\r\n",
        "PING\r\n*2\r\n$4\r\nECHO\r\n+hello\r\nPING\r\n",
        "*1\r\n$4\rxPINGxx*1\r\n$4\r\nPING\r\n",
        "*2\r\n$4\r\nECHO\r\n$5\r\nhel",
        "*2\r\n$4\r\nECHO\r\n",
    ];

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task One_client_gets_the_same_bytes(string script)
    {
        using var real = await RawRedisClient.ConnectAsync(servers.RealPort);
        using var embedded = await RawRedisClient.ConnectAsync(servers.EmbeddedPort);

        await real.SendAsync(script);
        await embedded.SendAsync(script);

        Assert.Equal(Masked(await real.TakeAllAsync()), Masked(await embedded.TakeAllAsync()));
    }

    [Theory]
    [InlineData('*', "too big mbulk count string")]
    [InlineData('x', "too big inline request")]
    [InlineData('$', "too big bulk count string")]
    public async Task A_line_without_end_gets_the_same_bytes(char first, string problem)
    {
        var script = (first == '$' ? "*1\r\n" : "") + first + new string('1', 70_000);
        using var real = await RawRedisClient.ConnectAsync(servers.RealPort);
        using var embedded = await RawRedisClient.ConnectAsync(servers.EmbeddedPort);

        await real.SendAsync(script);
        await embedded.SendAsync(script);
        var expected = await real.TakeToEndAsync();

        Assert.Contains(problem, expected, StringComparison.Ordinal);
        Assert.Equal(expected, await embedded.TakeToEndAsync());
    }

    [Fact]
    public async Task Several_clients_get_the_same_bytes()
    {
        (int Client, string Sends)[] steps =
        [
            (0, "SUBSCRIBE news\r\n"),
            (1, "HELLO 3\r\nSUBSCRIBE news other\r\n"),
            (2, "PSUBSCRIBE n*s\r\nSUBSCRIBE news\r\n"),
            (3, "PUBLISH news hello\r\nPUBLISH other x\r\nPUBLISH nobody x\r\nPUBLISH n[s y\r\n"),
            (3, "*3\r\n$7\r\nPUBLISH\r\n$4\r\nnews\r\n$0\r\n\r\n*3\r\n$7\r\nPUBLISH\r\n$4\r\nnews\r\n$6\r\n\r\n\0\xff*1\r\n"),
            (3, "*3\r\n$7\r\nPUBLISH\r\n$3\r\nn\xffs\r\n$1\r\nx\r\nPUBLISH __reserved x\r\nPUBLISH mb:internal x\r\n"),
            (3, "PUBSUB NUMSUB news other n*s\r\nPUBSUB NUMPAT\r\nPUBSUB CHANNELS o*\r\n"),
            (1, "PUBLISH news mine\r\n"),
            (0, ""),
            (1, ""),
            (2, ""),
            (2, "PUNSUBSCRIBE\r\nUNSUBSCRIBE news\r\n"),
            (1, "RESET\r\n"),
            (3, "PUBLISH news again\r\n"),
            (0, ""),
            (1, ""),
            (2, ""),
        ];

        var real = await RunAsync(servers.RealPort, steps);
        var embedded = await RunAsync(servers.EmbeddedPort, steps);

        Assert.Equal(real, embedded);
    }

    [Fact]
    public async Task Patterns_match_the_same_channels()
    {
        var random = new Random(20_240_601);
        var real = await RawRedisClient.ConnectAsync(servers.RealPort);
        var embedded = await RawRedisClient.ConnectAsync(servers.EmbeddedPort);

        for (var round = 0; round < 3000; round++)
        {
            var pattern = Text(random, "ab*?[]^-\\\x80\xff", 8);
            var channel = Text(random, "aab]-\\\x80", 5);
            var script = $"{Bulks("PSUBSCRIBE", pattern)}{Bulks("PUBLISH", channel, "x")}{Bulks("PUNSUBSCRIBE", pattern)}";
            if (round == 0)
            {
                script = "HELLO 3\r\n" + script;
            }

            Assert.Equal(Masked(await real.ExchangeAsync(script)), Masked(await embedded.ExchangeAsync(script)));
        }

        real.Dispose();
        embedded.Dispose();
    }

    private static async Task<IReadOnlyList<string>> RunAsync(int port, (int Client, string Sends)[] steps)
    {
        var clients = new Dictionary<int, RawRedisClient>();
        var received = new List<string>();
        foreach (var (client, sends) in steps)
        {
            if (!clients.TryGetValue(client, out var socket))
            {
                clients.Add(client, socket = await RawRedisClient.ConnectAsync(port));
            }

            received.Add(Masked(await socket.ExchangeAsync(sends)));
        }

        foreach (var socket in clients.Values)
        {
            socket.Dispose();
        }

        return received;
    }

    private static string Bulks(params string[] arguments) =>
        $"*{arguments.Length}\r\n{string.Concat(arguments.Select(argument => $"${argument.Length}\r\n{argument}\r\n"))}";

    private static string Text(Random random, string alphabet, int longest) =>
        new(random.GetItems<char>(alphabet, random.Next(longest + 1)));

    private static string Masked(string received) => ClientId().Replace(received, "$$2\r\nid\r\n:#\r\n");

    [GeneratedRegex(@"\$2\r\nid\r\n:\d+\r\n")]
    private static partial Regex ClientId();
}
