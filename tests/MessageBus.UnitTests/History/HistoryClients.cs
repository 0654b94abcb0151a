using System.Globalization;
using System.Text;
using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.History;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.History;

/// <summary>The subscribers of a channel with history, each checking what it is given: no hole that it was not told of, no duplicate, in order.</summary>
internal sealed class HistoryClients : IHistorySubscribers
{
    private readonly List<Client> _joined = [];

    public List<(GapReason Reason, StreamPosition? Position)> Gaps { get; } = [];

    public void Give(in Publication publication)
    {
        foreach (var client in _joined)
        {
            client.Take(publication.Position, Number(publication.Payload.Span));
        }
    }

    public void Gap(GapReason reason, StreamPosition? position)
    {
        Gaps.Add((reason, position));
        foreach (var client in _joined)
        {
            client.Told(position);
        }
    }

    public async Task<bool> JoinAsync(ChannelHistory history, Client client)
    {
        var since = client.Position;
        return await history.JoinAsync(
            new HistoryStart(since, null),
            (position, recovered, missed) =>
            {
                client.Recovered = recovered;
                if (since is null || recovered is false)
                {
                    client.Told(position);
                }

                foreach (var entry in missed.Cast<WindowEntry>())
                {
                    client.Take(new StreamPosition(position.Epoch, entry.Offset), Number(entry.Payload));
                }

                Assert.Equal(position, client.Position);
                _joined.Add(client);
            },
            CancellationToken.None);
    }

    public void Leave(Client client) => _joined.Remove(client);

    public static byte[] Payload(int number) => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));

    private static int Number(ReadOnlySpan<byte> payload) => int.Parse(payload, CultureInfo.InvariantCulture);

    internal sealed class Client
    {
        private int? _number;

        public StreamPosition? Position { get; private set; }

        public bool? Recovered { get; set; }

        public int? Last => _number;

        /// <summary>Messages may be missing up to here.</summary>
        public void Told(StreamPosition? position)
        {
            Position = position;
            _number = null;
        }

        public void Take(StreamPosition? position, int number)
        {
            Assert.True(_number is null || number == _number + 1, $"{number} comes after {_number}");
            if (position is not null)
            {
                Assert.True(Position is null || position == Position.Value with { Offset = Position.Value.Offset + 1 }, $"{position} comes after {Position}");
                Position = position;
            }

            _number = number;
        }
    }
}
