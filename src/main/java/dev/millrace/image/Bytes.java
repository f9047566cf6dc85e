package dev.millrace.image;

/**
 * Unsigned numbers and names out of a file. The caller has checked that they lie inside. Names are
 * compared byte by byte, without a String of the file's bytes.
 */
final class Bytes {
    private Bytes() {}

    static int u8(byte[] body, int at) {
        return body[at] & 0xFF;
    }

    static int u16be(byte[] body, int at) {
        return u8(body, at) << 8 | u8(body, at + 1);
    }

    static int u16le(byte[] body, int at) {
        return u8(body, at) | u8(body, at + 1) << 8;
    }

    static int u24le(byte[] body, int at) {
        return u16le(body, at) | u8(body, at + 2) << 16;
    }

    static long u32be(byte[] body, int at) {
        return (long) u16be(body, at) << 16 | u16be(body, at + 2);
    }

    static long u32le(byte[] body, int at) {
        return u16le(body, at) | (long) u16le(body, at + 2) << 16;
    }

    /** Whether the bytes from {@code at} are these Latin-1 characters; false where they end. */
    static boolean match(byte[] body, int at, String expected) {
        if (at < 0 || body.length - at < expected.length()) {
            return false;
        }
        for (int i = 0; i < expected.length(); i++) {
            if (u8(body, at + i) != expected.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Four bytes for a message: as text where they are printable, else in hexadecimal. */
    static String name(byte[] body, int at) {
        StringBuilder text = new StringBuilder("'");
        StringBuilder hex = new StringBuilder("0x");
        boolean printable = true;
        for (int i = at; i < Math.min(at + 4, body.length); i++) {
            int value = u8(body, i);
            printable &= value >= ' ' && value < 0x7F;
            text.append((char) value);
            hex.append("%02X".formatted(value));
        }
        return printable ? text.append('\'').toString() : hex.toString();
    }
}
