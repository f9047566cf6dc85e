package dev.millrace.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/** Addresses in text and in bytes, without asking a name server. */
final class IpText {
    private static final String OCTET = "(0|[1-9][0-9]{0,2})";
    private static final Pattern DOTTED_QUAD = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
    private static final Pattern PLAIN_IPV6 = Pattern.compile("[0-9a-fA-F.]*:[0-9a-fA-F:.]*");
    private static final Pattern NUMBER = Pattern.compile("[0-9]+|0[xX][0-9a-fA-F]*");

    private IpText() {}

    /** Whether the text is four decimal numbers without leading zeros. */
    static boolean isDottedQuad(String text) {
        return DOTTED_QUAD.matcher(text).matches();
    }

    /** Whether the text can only be an IPv6 address, without brackets and zone. */
    static boolean isPlainIpv6(String text) {
        return PLAIN_IPV6.matcher(text).matches();
    }

    /**
     * Whether some resolver may read this host as an IPv4 address. As in the WHATWG URL standard,
     * the last label decides: no top-level domain is a number.
     */
    static boolean endsInNumber(String host) {
        String name = HostList.withoutDot(host);
        return NUMBER.matcher(name.substring(name.lastIndexOf('.') + 1)).matches();
    }

    /** The address that a host of a parsed URL is in text; empty for names. */
    static Optional<InetAddress> literal(String host) {
        return isDottedQuad(host) || isPlainIpv6(host)
                ? Optional.of(InetAddress.ofLiteral(host))
                : Optional.empty();
    }

    static InetAddress of(byte[] address) {
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes", e);
        }
    }
}
