package dev.millrace.image;

import static dev.millrace.image.Bytes.match;
import static dev.millrace.image.Bytes.u16be;
import static dev.millrace.image.Bytes.u8;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Copies of a JPEG what has to do with pixels, but for the scans that the decoder can do without.
 * Used by one thread for one image.
 */
final class JpegCopy {
    private static final int VALUES = ProgressiveScans.COEFFICIENTS;

    private final byte[] body;
    private final SpareScans spare;
    private final MemorySegment into;
    private long to;

    private JpegCopy(byte[] body, SpareScans spare, MemorySegment into) {
        this.body = body;
        this.spare = spare;
        this.into = into;
    }

    /**
     * @param firstScanEnd as in {@link ImageHeader}
     * @return how many bytes were written
     */
    static long write(byte[] body, int firstScanEnd, SpareScans spare, MemorySegment into) {
        JpegCopy copy = new JpegCopy(body, spare, into);
        copy.put(0, 2);
        copy.segments(firstScanEnd);
        return copy.to;
    }

    private void segments(int firstScanEnd) {
        int frame = 0;
        int scan = 0;
        int at = 2;
        while (true) {
            int codeAt = JpegMarkers.code(body, at);
            int code = u8(body, codeAt);
            if (code == JpegMarkers.EOI) {
                put(codeAt - 1, codeAt + 1);
                return;
            }
            int segment = codeAt + 1;
            int header = segment + u16be(body, segment);
            int end = header;
            boolean kept = decodes(segment, code);
            switch (code) {
                case JpegMarkers.SOF2 -> frame = segment;
                case JpegMarkers.SOS -> {
                    end = scan == 0 ? firstScanEnd : JpegMarkers.endOfScan(body, header);
                    kept = !spare.leavesOut(scan++);
                }
                default -> {}
            }
            if (kept) {
                put(codeAt - 1, end);
                if (code == JpegMarkers.DQT) {
                    changeValues(segment, end);
                } else if (code == JpegMarkers.SOS && spare.missing() != 0) {
                    nameFewerBits(segment, header, end, JpegFrame.id(body, frame, 0));
                }
            }
            at = end;
        }
    }

    /** Whether a segment has to do with pixels; JFIF and Adobe say what the components mean. */
    private boolean decodes(int segment, int code) {
        return switch (code) {
            case JpegMarkers.APP0 -> match(body, segment + 2, "JFIF\0");
            case JpegMarkers.APP14 -> match(body, segment + 2, "Adobe");
            case JpegMarkers.SOF0,
                    JpegMarkers.SOF1,
                    JpegMarkers.SOF2,
                    JpegMarkers.DHT,
                    JpegMarkers.DQT,
                    JpegMarkers.DRI ->
                    true;
            default -> false;
        };
    }

    /** Changes quantisation values in the copy of a segment, which is the last that was put. */
    private void changeValues(int segment, int end) {
        int at = segment + 2;
        while (at < end) {
            int table = u8(body, at) & 15;
            int bytes = 1 + (u8(body, at) >> 4);
            int values = at + 1;
            for (int k = 1; k < VALUES; k++) {
                int valueAt = values + k * bytes;
                int value = bytes == 1 ? u8(body, valueAt) : u16be(body, valueAt);
                if (table == spare.multiplied()) {
                    // Only a fine one can be too large, and its coefficients are nearly all zero.
                    int most = bytes == 1 ? 0xFF : 0xFFFF;
                    set(valueAt, end, bytes, Math.min(value << spare.missing(), most));
                } else if (table == spare.zeroed() && k == SpareScans.UNREAD) {
                    set(valueAt, end, bytes, 0);
                }
            }
            at = values + VALUES * bytes;
        }
    }

    /** Lets a scan of the luma, in its copy, name fewer missing bits. */
    private void nameFewerBits(int segment, int header, int end, int luma) {
        boolean ac = u8(body, header - 3) > 0;
        if (ac && u8(body, segment + 3) == luma) {
            int before = u8(body, header - 1) >> 4;
            int after = (u8(body, header - 1) & 15) - spare.missing();
            set(header - 1, end, 1, Math.max(0, before - spare.missing()) << 4 | after);
        }
    }

    /**
     * Sets a number in the copy.
     *
     * @param at where it lies in the body
     * @param end of what was put last
     */
    private void set(int at, int end, int bytes, int value) {
        long last = to - end + at + bytes - 1;
        into.set(ValueLayout.JAVA_BYTE, last, (byte) value);
        if (bytes == 2) {
            into.set(ValueLayout.JAVA_BYTE, last - 1, (byte) (value >> 8));
        }
    }

    private void put(int at, int end) {
        MemorySegment.copy(body, at, into, ValueLayout.JAVA_BYTE, to, end - at);
        to += end - at;
    }
}
