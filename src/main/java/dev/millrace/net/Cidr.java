package dev.millrace.net;

import java.net.InetAddress;
import java.util.Arrays;

/** A block of addresses, such as {@code 10.0.0.0/8}. */
public final class Cidr {
    private final byte[] network;
    private final int prefixBits;

    private Cidr(byte[] network, int prefixBits) {
        this.network = network;
        this.prefixBits = prefixBits;
    }

    /**
     * Reads {@code 10.0.0.0/8}, {@code fd00::/8} or a single address; resolves no names.
     *
     * @throws IllegalArgumentException with one line that says what to write instead
     */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        byte[] address = address(text, slash < 0 ? text : text.substring(0, slash));
        int most = 8 * address.length;
        int prefixBits = slash < 0 ? most : prefix(text, text.substring(slash + 1), most);
        Cidr cidr = new Cidr(masked(address, prefixBits), prefixBits);
        if (!Arrays.equals(cidr.network, address)) {
            throw new IllegalArgumentException(
                    "'" + text + "' has bits set after its prefix; write " + cidr);
        }
        return cidr;
    }

    private static byte[] address(String text, String address) {
        // Java also reads 10.1 as an address, which people read as something else.
        boolean plain = IpText.isDottedQuad(address) || IpText.isPlainIpv6(address);
        try {
            if (plain) {
                return InetAddress.ofLiteral(address).getAddress();
            }
        } catch (IllegalArgumentException e) {
            // Falls through to the message that says what to write.
        }
        throw new IllegalArgumentException(
                "'" + text + "' is not an address block; write it like 10.0.0.0/8 or fd00::/8");
    }

    private static int prefix(String text, String digits, int most) {
        try {
            int bits = Integer.parseInt(digits);
            if (bits >= 0 && bits <= most) {
                return bits;
            }
        } catch (NumberFormatException e) {
            // Falls through to the message that says what to write.
        }
        throw new IllegalArgumentException(
                "'%s' has no valid prefix; write a number from 0 to %s after /"
                        .formatted(text, most));
    }

    private static byte[] masked(byte[] address, int prefixBits) {
        byte[] masked = new byte[address.length];
        for (int i = 0; i < address.length; i++) {
            int bits = Math.clamp(prefixBits - 8L * i, 0, 8);
            masked[i] = (byte) (address[i] & (0xFF00 >> bits));
        }
        return masked;
    }

    /** Whether the address is of this family and in this block. */
    public boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == network.length && Arrays.equals(masked(bytes, prefixBits), network);
    }

    @Override
    public String toString() {
        return IpText.of(network).getHostAddress() + "/" + prefixBits;
    }
}
