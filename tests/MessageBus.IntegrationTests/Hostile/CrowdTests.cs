using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Hostile;

/// <summary>Thousands that hold a connection and say nothing, or hardly anything.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class CrowdTests
{
    // Of each kind; fewer where the machine lets a process open fewer files. The gateway opens as many.
    private static readonly int Size = Math.Min(HeavyLoad.Amount("MESSAGEBUS_CROWD", everyRun: 5_000), (ProcessFacts.MaxOpenFiles - 1_000) / 2);

    private static readonly TimeSpan ServedWithin = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Slow_handshakes_and_silent_connections_are_ended_by_the_deadline_and_do_not_delay_a_good_client()
    {
        await using var gateway = await SeparateGateway.StartAsync("MessageBus__Limits__ConnectTimeout=00:00:15", "MessageBus__Limits__CloseTimeout=00:00:01");
        await GoodClient.IsServedAtAsync(gateway.Bus);
        var filesBefore = ProcessFacts.OpenFiles(gateway.ProcessId);
        var upgrade = RawHttp.Upgrade();

        // Letter by letter; no letter at all; a WebSocket, and then nothing.
        var slow = await OpenAsync(gateway, Size, upgrade[..20]);
        var silent = await OpenAsync(gateway, Size / 2, "");
        var unconnected = await OpenAsync(gateway, Size - (Size / 2), upgrade + "\r\n");
        var trickling = TrickleAsync(slow, upgrade[20..]);

        // All of them on a machine that is not busy; on one that is, the first are cut while the last are still opened.
        var shortest = await ShortestServiceAsync(gateway, isCrowded: () => ProcessFacts.OpenFiles(gateway.ProcessId) > filesBefore + Size);

        Assert.True(shortest < ServedWithin, $"Beside the crowd the fastest good client was served in {shortest?.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) ?? "no"} s.");
        await Eventually.DoneAsync(Task.WhenAll(slow.Concat(silent).Concat(unconnected).Select(ReadToEndAsync)), "the whole crowd is gone", TimeSpan.FromSeconds(60));
        await trickling;
        await Eventually.TrueAsync(() => ProcessFacts.OpenFiles(gateway.ProcessId) <= filesBefore + 10, "its file descriptors are free again");
        await GoodClient.IsServedAtAsync(gateway.Bus);
        Array.ForEach([.. slow, .. silent, .. unconnected], socket => socket.Dispose());
    }

    /// <summary>
    /// The time in which a good client connects, subscribes and hears itself while the crowd is there: that of the fastest, until one was fast enough. A machine
    /// that is busy with something else delays one of them or another; a gateway that is busy with the crowd delays all. Null where the crowd was not there.
    /// </summary>
    private static async Task<TimeSpan?> ShortestServiceAsync(GatewayProcess gateway, Func<bool> isCrowded)
    {
        TimeSpan? shortest = null;
        while (isCrowded() && !(shortest < ServedWithin))
        {
            var taking = Stopwatch.StartNew();
            await Eventually.DoneAsync(GoodClient.IsServedAtAsync(gateway.Bus), "a good client is served beside the crowd");
            var took = taking.Elapsed;
            shortest = isCrowded() && !(shortest < took) ? took : shortest;
        }

        return shortest;
    }

    private static async Task<Socket[]> OpenAsync(GatewayProcess gateway, int count, string firstWords)
    {
        var bytes = Encoding.ASCII.GetBytes(firstWords);
        var sockets = new Socket[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (n, _) =>
        {
            sockets[n] = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await sockets[n].ConnectAsync(IPAddress.Loopback, gateway.Addresses[0].Port);
            await sockets[n].SendAsync(bytes);
        });
        return sockets;
    }

    /// <summary>A letter more to each, again and again, until they are cut off.</summary>
    private static async Task TrickleAsync(Socket[] sockets, string letters)
    {
        foreach (var letter in Encoding.ASCII.GetBytes(letters).Where(letter => letter is not (byte)'\n'))
        {
            var isAnyOpen = false;
            foreach (var socket in sockets)
            {
                isAnyOpen |= TrySend(socket, letter);
            }

            if (!isAnyOpen)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }

    private static bool TrySend(Socket socket, byte letter)
    {
        try
        {
            return socket.Send([letter]) is 1;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task ReadToEndAsync(Socket socket)
    {
        var buffer = new byte[512];
        try
        {
            while (await socket.ReceiveAsync(buffer) > 0)
            {
            }

            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // A reset is an end too.
        }
    }
}
