using System.Text;
using MessageBus.IntegrationTests.Support;
using static MessageBus.IntegrationTests.Support.RawWebSocket;

namespace MessageBus.IntegrationTests.Hostile;

/// <summary>A frame that promises more than any memory holds. What it takes is measured, of the whole process: nothing may run beside.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class GiganticFrameTests
{
    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(uint.MaxValue + 1L)]
    public async Task A_frame_that_declares_a_gigantic_length_closes_with_1009_and_takes_no_memory(long declared)
    {
        const int Sent = 64 * 1024 * 1024;
        const int Flat = 24 * 1024 * 1024;
        await using var gateway = GatewayApp.Start(("MessageBus:Limits:CloseTimeout", "00:01:00"));
        using var client = await RawWebSocket.ConnectAsync(gateway);
        var part = Encoding.ASCII.GetBytes(new string('x', 1024 * 1024));
        var before = GC.GetTotalMemory(forceFullCollection: true);

        await client.SendAsync(Header(Fin | Text, declared));
        for (var sent = 0; sent < Sent; sent += part.Length)
        {
            await client.SendAsync(part);
        }

        Assert.Equal(1009, await client.ReadCloseAsync());
        await Eventually.TrueAsync(() => GC.GetTotalMemory(forceFullCollection: true) < before + Flat, "what was sent is not kept");
        await GoodClient.IsServedByAsync(gateway);
    }
}
