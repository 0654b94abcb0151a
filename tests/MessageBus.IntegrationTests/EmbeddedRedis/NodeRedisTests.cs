using System.Runtime.CompilerServices;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.EmbeddedRedis;

/// <summary>node-redis, as a backend service in Node uses it: node-redis/pubsub.mjs.</summary>
[Trait("Sockets", "Either")]
public sealed class NodeRedisTests
{
    private const string HowToInstall = "apt-get install nodejs npm (Node 20 or newer)";

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Node_redis_publishes_and_subscribes(int resp)
    {
        await using var host = await EmbeddedRedisHost.StartAsync();
        await host.SubscribeAsync("orders/42");
        await InstallAsync();

        using var node = InstalledTool.Start("node", HowToInstall, ["pubsub.mjs", $"{host.Port}", $"{resp}", "orders/42"], Folder());
        var lines = new List<string>();
        await ReadThroughAsync("""{"subscribed":"orders/42"}""");
        await host.PublishAsync("orders/42", "from a browser");
        await RedisCli.RunAsync(host.Port, "PUBLISH", "reserved?", "x");
        await host.PublishAsync("orders/42", "stop");
        var ending = node.StandardOutput.ReadToEndAsync();
        var errors = node.StandardError.ReadToEndAsync();
        await Eventually.DoneAsync(node.WaitForExitAsync(), "node ends");

        lines.AddRange((await ending).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("", await errors);
        Assert.Equal(
            [
                """{"message":"\u0000ÿ\r\n"}""",
                """{"message":"from a browser"}""",
                """{"message":"stop"}""",
                """{"pattern":"x","from":"reserved?"}""",
                """{"ping":"PONG","name":"node"}""",
                """{"receivers":1}""",
                """{"receivers":2}""",
                """{"subscribed":"orders/42"}""",
            ],
            lines.Order(StringComparer.Ordinal));
        Assert.Equal(["orders/42 from a browser", "orders/42 stop", "orders/42 \0\xff\r\n", "orders/42 after"], host.Gateway.Publications);

        async Task ReadThroughAsync(string last)
        {
            while (!lines.Contains(last))
            {
                lines.Add(await Eventually.ResultAsync(node.StandardOutput.ReadLineAsync(), $"node writes {last}") ?? await node.StandardError.ReadToEndAsync());
            }
        }
    }

    private static async Task InstallAsync()
    {
        // npm writes this file last, so a broken installation does not count.
        if (!File.Exists(Path.Combine(Folder(), "node_modules", ".package-lock.json")))
        {
            await InstalledTool.RunAsync("npm", HowToInstall, ["ci", "--no-audit", "--no-fund"], Folder());
        }
    }

    private static string Folder([CallerFilePath] string thisFile = "") => Path.Combine(Path.GetDirectoryName(thisFile)!, "node-redis");
}
