using System.Net.WebSockets;
using System.Text;
using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;
using Microsoft.AspNetCore.Builder;

namespace MessageBus.BrowserTests;

/// <summary>What a newer or a broken gateway may send: the client lets it pass, and the next message arrives.</summary>
[Collection(Chromium.Client)]
public sealed class StrangeGatewayTests(Chromium chromium)
{
    private static readonly string Deep = new string('[', 100_000) + new string(']', 100_000);

    [Theory]
    [InlineData("shared-worker")]
    [InlineData("page")]
    public async Task What_the_client_does_not_know_does_not_stop_it(string mode)
    {
        string[] texts =
        [
            """{"type":"connected","id":1,"connection":"c-1","future":{"a":[1]},"pingInterval":25,"maxMessage":65536}""",
            """{"type":"subscribed","channel":"a","future":true}""",
            "not JSON", "null", "[]", "7", "\"text\"", "{}", """{"type":7}""", """{"type":"of the future","channel":"a"}""",
            """{"type":"__proto__","channel":"a"}""", """{"type":"constructor","__proto__":{"payload":"no"},"channel":"a"}""",
            """{"type":"message","channel":"a"}""", """{"type":"message","channel":"a","payload":7}""", """{"type":"message","channel":"a","base64":"!"}""",
            """{"type":"gap"}""", """{"type":"error"}""", """{"type":"subscribed","channel":["a"]}""", """{"type":"published","id":-1}""",
            Deep,
            $$"""{"type":"of the future","deep":{{Deep}}}""",
            $$"""{"type":"message","channel":"a","payload":"one","deep":{{Deep}},"bytes":"no bytes"}""",
            $$"""{"type":"message","channel":"a","payload":"{{Deep}}"}""",
            """{"type":"message","channel":"a","payload":"last"}""",
        ];
        await using var gateway = GatewayApp.Start(app => Serve(app, texts));
        await using var user = await chromium.NewTabsAsync(gateway.Http);
        var tab = await user.OpenAsync($"{{ url: '/strange', worker: '/bus/worker.js', mode: '{mode}' }}");

        await tab.SubscribeAsync("a", "(payload, _, { bytes }) => heard.push(`${payload.length} ${bytes.length}`)");

        await tab.ExpectHeardAsync("3 3", "200000 200000", "4 4");
        Assert.Equal("connected", await tab.ValueAsync<string>("bus.status.state"));
        Assert.Equal(mode, await tab.ValueAsync<string>("bus.mode"));
        Assert.Empty(await tab.ValueAsync<string[]>("gaps"));
    }

    /// <summary>Whatever the client sends first, it is answered with these texts.</summary>
    private static void Serve(IApplicationBuilder app, string[] texts)
    {
        app.UseWebSockets();
        app.Map("/strange", strange => strange.Run(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync("messagebus.v1.json");
            var buffer = new byte[4096];
            await socket.ReceiveAsync(buffer, context.RequestAborted);
            foreach (var text in texts)
            {
                await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
            }

            while ((await socket.ReceiveAsync(buffer, context.RequestAborted)).MessageType is not WebSocketMessageType.Close)
            {
            }
        }));
    }
}
