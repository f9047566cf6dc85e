package dev.millrace.testing;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** Addresses and hosts to which no stranger's URL may lead. */
public final class ForbiddenAddresses {
    /** The first, second, one of the middle and the last of each block. */
    private static final String[] IPV4 = {
        "0.0.0.0",
        "0.0.0.1",
        "0.127.3.4",
        "0.255.255.255",
        "10.0.0.0",
        "10.0.0.1",
        "10.127.3.4",
        "10.255.255.255",
        "100.64.0.0",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.0",
        "127.0.0.1",
        "127.127.3.4",
        "127.255.255.255",
        "168.63.129.16",
        "169.254.0.0",
        "169.254.0.1",
        "169.254.169.254",
        "169.254.255.255",
        "169.254.170.2",
        "172.16.0.0",
        "172.16.0.1",
        "172.20.3.4",
        "172.31.255.255",
        "192.0.0.0",
        "192.0.0.1",
        "192.0.0.192",
        "192.0.0.255",
        "192.0.2.0",
        "192.0.2.1",
        "192.0.2.127",
        "192.0.2.255",
        "192.31.196.0",
        "192.31.196.1",
        "192.31.196.255",
        "192.52.193.0",
        "192.52.193.1",
        "192.52.193.255",
        "192.88.99.0",
        "192.88.99.1",
        "192.88.99.255",
        "192.168.0.0",
        "192.168.0.1",
        "192.168.127.4",
        "192.168.255.255",
        "192.175.48.0",
        "192.175.48.1",
        "192.175.48.255",
        "198.18.0.0",
        "198.18.0.1",
        "198.19.3.4",
        "198.19.255.255",
        "198.51.100.0",
        "198.51.100.1",
        "198.51.100.255",
        "203.0.113.0",
        "203.0.113.1",
        "203.0.113.255",
        "224.0.0.0",
        "224.0.0.1",
        "232.1.2.3",
        "239.255.255.255",
        "240.0.0.0",
        "240.0.0.1",
        "250.1.2.3",
        "255.255.255.254",
        "255.255.255.255",
    };

    private static final String[] IPV6 = {
        "::",
        "::1",
        "::2",
        "100::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "fc00::1",
        "fd00::1",
        "fd00:ec2::254",
        "fdff::1",
        "ff00::1",
        "ff02::1",
        "ff0e::1",
        "1fff::1",
        "4000::1",
        "5f00::1",
        "64:ff9b:1::1",
        "64:ff9b:1::7f00:1",
        "2001:2::1",
        "2001:3::1",
        "2001:4:112::1",
        "2001:10::1",
        "2001:1f:ffff::1",
        "2001:20::1",
        "2001:2f:ffff::1",
        "2001:db8::1",
        "2001:db8:ffff::1",
        "2620:4f:8000::1",
        "3fff::1",
        "3fff:fff::1",
    };

    /** IPv4 addresses that are worth hiding in an IPv6 address, in hexadecimal. */
    private static final String[] HIDDEN = {"7f00:1", "a00:1", "a9fe:a9fe", "c0a8:101", "6440:1"};

    private ForbiddenAddresses() {}

    public static List<InetAddress> all() {
        List<InetAddress> all = new ArrayList<>();
        for (String address : IPV4) {
            all.add(InetAddress.ofLiteral(address));
        }
        for (String address : IPV6) {
            all.add(InetAddress.ofLiteral(address));
        }
        for (String ipv4 : HIDDEN) {
            all.add(InetAddress.ofLiteral("::" + ipv4));
            all.add(InetAddress.ofLiteral("::ffff:" + ipv4));
            all.add(InetAddress.ofLiteral("::ffff:0:" + ipv4));
            all.add(InetAddress.ofLiteral("64:ff9b::" + ipv4));
            all.add(InetAddress.ofLiteral("2002:" + ipv4 + "::1"));
            all.add(InetAddress.ofLiteral("2a00:1450::5efe:" + ipv4));
            all.add(InetAddress.ofLiteral("2a00:1450::200:5efe:" + ipv4));
        }
        // Teredo writes 127.0.0.1 and 8.8.8.8 with inverted bits.
        all.add(InetAddress.ofLiteral("2001:0:4136:e378:8000:63bf:80ff:fffe"));
        all.add(InetAddress.ofLiteral("2001:0:4136:e378:8000:63bf:f7f7:f7f7"));
        return all;
    }

    /** The address as the host of a URL. */
    public static String host(InetAddress address) {
        return address instanceof Inet6Address
                ? "[" + address.getHostAddress() + "]"
                : address.getHostAddress();
    }

    /** Other ways to write loopback as the host of a URL. */
    public static List<String> loopbackHosts() {
        return List.of(
                "127.1",
                "127.0.1",
                "2130706433",
                "0x7f000001",
                "0x7F.1",
                "0x7f.0.0.1",
                "0177.0.0.1",
                "0177.1",
                "017700000001",
                "127.0.0.01",
                "00127.0.0.1",
                "127.0.0.1.",
                "127.1.",
                "0",
                "0x0",
                "[::ffff:7f00:1]",
                "[::ffff:127.0.0.1]",
                "[0:0:0:0:0:ffff:7f00:0001]",
                "[0000:0000:0000:0000:0000:0000:0000:0001]",
                "①②⑦.⓪.⓪.①",
                "127。0。0。1",
                "%31%32%37.0.0.1",
                "127%2e0%2e0%2e1",
                "localhost",
                "LOCALHOST",
                "localhost.",
                "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
                "a.localhost",
                "[::1%25lo]",
                "user@127.0.0.1",
                "example.com@127.0.0.1");
    }
}
