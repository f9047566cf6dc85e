package dev.millrace.net;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which addresses a stranger's URL may lead to: the public internet, and what the operator lists.
 *
 * <p>IPv4: all but the <a
 * href="https://www.iana.org/assignments/iana-ipv4-special-registry/">special-purpose registry</a>,
 * multicast, the class E block and what clouds use inside. IPv6: global unicast only, less its <a
 * href="https://www.iana.org/assignments/iana-ipv6-special-registry/">special blocks</a>; an IPv4
 * address inside must be allowed too. The host's own addresses are never public. Thread-safe.
 */
public final class AddressRules {
    private static final List<Cidr> FORBIDDEN_IPV4 =
            blocks(
                    "0.0.0.0/8", // this network
                    "10.0.0.0/8", // private
                    "100.64.0.0/10", // carrier-grade NAT; some clouds' metadata
                    "127.0.0.0/8", // loopback
                    "168.63.129.16", // Azure's platform address
                    "169.254.0.0/16", // link-local; most clouds' metadata
                    "172.16.0.0/12", // private
                    "192.0.0.0/24", // protocol assignments
                    "192.0.2.0/24", // documentation
                    "192.31.196.0/24", // AS112
                    "192.52.193.0/24", // AMT
                    "192.88.99.0/24", // 6to4 relays
                    "192.168.0.0/16", // private
                    "192.175.48.0/24", // AS112
                    "198.18.0.0/15", // benchmarks
                    "198.51.100.0/24", // documentation
                    "203.0.113.0/24", // documentation
                    "224.0.0.0/4", // multicast
                    "240.0.0.0/4"); // reserved, broadcast

    private static final Cidr GLOBAL_UNICAST = Cidr.parse("2000::/3");

    private static final List<Cidr> FORBIDDEN_IPV6 =
            blocks(
                    "2001::/23", // protocol assignments: Teredo, ORCHID, benchmarks
                    "2001:db8::/32", // documentation
                    "2002::/16", // 6to4
                    "2620:4f:8000::/48", // AS112
                    "3fff::/20"); // documentation

    private final List<Cidr> allowed;

    /**
     * @param allowed blocks that are allowed although they are not public
     */
    public AddressRules(List<Cidr> allowed) {
        this.allowed = List.copyOf(allowed);
    }

    private static List<Cidr> blocks(String... blocks) {
        return Stream.of(blocks).map(Cidr::parse).toList();
    }

    /** Whether a connection to the address may be opened. */
    public boolean allows(InetAddress address) {
        if (!listed(address) && (!isPublic(address) || isOwn(address))) {
            return false;
        }
        return EmbeddedIpv4.in(address).map(this::allows).orElse(true);
    }

    /** Whether the operator listed a block with this address. */
    boolean listed(InetAddress address) {
        return contains(allowed, address);
    }

    /** Whether the operator listed anything. */
    boolean hasList() {
        return !allowed.isEmpty();
    }

    private static boolean isPublic(InetAddress address) {
        if (address instanceof Inet4Address) {
            return !contains(FORBIDDEN_IPV4, address);
        }
        return EmbeddedIpv4.NAT64.contains(address)
                || GLOBAL_UNICAST.contains(address) && !contains(FORBIDDEN_IPV6, address);
    }

    /** Asked anew each time: a host may get addresses while the worker runs. */
    private static boolean isOwn(InetAddress address) {
        try {
            return NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            // What cannot be told apart from our own is not called.
            return true;
        }
    }

    private static boolean contains(List<Cidr> blocks, InetAddress address) {
        return blocks.stream().anyMatch(block -> block.contains(address));
    }
}
