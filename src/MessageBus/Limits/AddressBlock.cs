using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace MessageBus.Limits;

/// <summary>
/// What counts as one address: one of IPv4, also where it is written as one of IPv6, or the 64 bits of IPv6 that a network is given
/// (RFC 6177, RFC 4291 section 2.5.1): the owner of one address in it has all of them.
/// </summary>
internal readonly record struct AddressBlock(bool IsIPv6, ulong Prefix)
{
    public static AddressBlock Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        plain.TryWriteBytes(bytes, out _);
        return plain.AddressFamily is AddressFamily.InterNetworkV6
            ? new AddressBlock(IsIPv6: true, BinaryPrimitives.ReadUInt64BigEndian(bytes))
            : new AddressBlock(IsIPv6: false, BinaryPrimitives.ReadUInt32BigEndian(bytes));
    }
}
