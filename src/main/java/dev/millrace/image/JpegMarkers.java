package dev.millrace.image;

import static dev.millrace.image.Bytes.u8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The marker codes of JPEG (ITU-T T.81, table B.1) and how to find the next one. */
final class JpegMarkers {
    static final int SOF0 = 0xC0;
    static final int SOF1 = 0xC1;
    static final int SOF2 = 0xC2;
    static final int DHT = 0xC4;
    static final int JPG = 0xC8;
    static final int DAC = 0xCC;
    static final int SOF15 = 0xCF;
    static final int RST0 = 0xD0;
    static final int RST7 = 0xD7;
    static final int EOI = 0xD9;
    static final int SOS = 0xDA;
    static final int DQT = 0xDB;
    static final int DRI = 0xDD;
    static final int APP0 = 0xE0;
    static final int APP1 = 0xE1;
    static final int APP14 = 0xEE;
    static final int APP15 = 0xEF;
    static final int COM = 0xFE;

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long LOW_SEVEN = 0x7F7F_7F7F_7F7F_7F7FL;
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGH = 0x8080_8080_8080_8080L;

    /** Bytes that are looked at together; many enough to pay for a look at their result. */
    private static final int BLOCK = 1024;

    private JpegMarkers() {}

    /**
     * Where the code of the marker at {@code at} lies, past its fill bytes: -1 where there is no
     * marker, the length of the body where the body ends first.
     */
    static int code(byte[] body, int at) {
        int code = at;
        while (code < body.length && body[code] == (byte) 0xFF) {
            code++;
        }
        return code == at && code < body.length ? -1 : code;
    }

    /**
     * Where the entropy-coded data that starts at {@code from} ends: the 0xFF of the first marker
     * that is no restart marker, or the length of the body where there is none. Most of a JPEG is
     * passed here, so it looks at a block at a time for a 0xFF that is not followed by zero; a 0xFF
     * in the data is.
     */
    static int endOfScan(byte[] body, int from) {
        int last = body.length - 1;
        int at = from;
        int blockEnd = from;
        while (at < last) {
            if (at >= blockEnd && at < body.length - BLOCK) {
                blockEnd = at + BLOCK;
                if (!hasMarker(body, at)) {
                    at = blockEnd;
                    continue;
                }
            }
            if (at <= body.length - 9) {
                long found = markers(body, at);
                if (found == 0) {
                    at += Long.BYTES;
                    continue;
                }
                at += Long.numberOfTrailingZeros(found) >>> 3;
            } else if (body[at] != (byte) 0xFF || body[at + 1] == 0) {
                at++;
                continue;
            }
            int code = u8(body, at + 1);
            if (code >= RST0 && code <= RST7) {
                at += 2;
            } else if (code == 0xFF) {
                at++;
            } else {
                return at;
            }
        }
        return body.length;
    }

    /**
     * Whether one of a block's bytes starts a marker. Without a branch, so that the compiler makes
     * vectors of it.
     */
    private static boolean hasMarker(byte[] body, int from) {
        long found = 0;
        for (int at = from; at < from + BLOCK; at += Long.BYTES) {
            found |= markers(body, at);
        }
        return found != 0;
    }

    /** The highest bit of each of eight bytes that is 0xFF and not followed by zero. */
    private static long markers(byte[] body, int at) {
        long here = (long) LONGS.get(body, at);
        long next = (long) LONGS.get(body, at + 1);
        long isFf = ((here & LOW_SEVEN) + ONES) & here;
        long nextIsSet = (next & LOW_SEVEN) + LOW_SEVEN | next;
        return isFf & nextIsSet & HIGH;
    }
}
