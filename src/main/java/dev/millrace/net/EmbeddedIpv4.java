package dev.millrace.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;

/** The IPv4 address to which a gateway or the kernel would carry an IPv6 packet. */
final class EmbeddedIpv4 {
    private static final Cidr COMPATIBLE = Cidr.parse("::/96");
    private static final Cidr LOWEST = Cidr.parse("::/127");
    private static final Cidr TRANSLATED = Cidr.parse("::ffff:0:0:0/96");

    /** A way to write a public IPv4 address (RFC 6052). */
    static final Cidr NAT64 = Cidr.parse("64:ff9b::/96");

    private static final Cidr SIX_TO_FOUR = Cidr.parse("2002::/16");
    private static final Cidr TEREDO = Cidr.parse("2001::/32");

    private EmbeddedIpv4() {}

    /**
     * Unwraps IPv4-compatible, IPv4-translated, NAT64, 6to4, Teredo and ISATAP addresses. Java
     * itself unwraps IPv4-mapped ones.
     */
    static Optional<InetAddress> in(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return Optional.empty();
        }
        byte[] bytes = address.getAddress();
        if (LOWEST.contains(address)) {
            // :: and ::1 are the unspecified and the loopback address.
            return Optional.empty();
        }
        if (COMPATIBLE.contains(address)
                || TRANSLATED.contains(address)
                || NAT64.contains(address)
                || isIsatap(bytes)) {
            return at(bytes, 12, 0);
        }
        if (SIX_TO_FOUR.contains(address)) {
            return at(bytes, 2, 0);
        }
        // RFC 4380: the client's address is written with all bits inverted.
        return TEREDO.contains(address) ? at(bytes, 12, 0xFF) : Optional.empty();
    }

    /** RFC 5214: 0:5efe or 200:5efe and the IPv4 address, after any prefix. */
    private static boolean isIsatap(byte[] bytes) {
        return (bytes[8] & ~2) == 0
                && bytes[9] == 0
                && bytes[10] == 0x5e
                && bytes[11] == (byte) 0xfe;
    }

    private static Optional<InetAddress> at(byte[] bytes, int from, int mask) {
        byte[] embedded = Arrays.copyOfRange(bytes, from, from + 4);
        for (int i = 0; i < embedded.length; i++) {
            embedded[i] ^= (byte) mask;
        }
        return Optional.of(IpText.of(embedded));
    }
}
