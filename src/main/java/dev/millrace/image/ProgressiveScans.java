package dev.millrace.image;

import static dev.millrace.image.Bytes.u16be;
import static dev.millrace.image.Bytes.u8;

import java.util.Arrays;
import java.util.Optional;

/**
 * The headers of the scans of a progressive JPEG that is as encoders write them: each scan goes on
 * where the ones before it ended, its tables are there, the quantisation tables come before all
 * scans, and at the end no bit of a coefficient is missing. Of another file nothing is told.
 *
 * <p>The body has passed the gate. Used by one thread for one image.
 */
final class ProgressiveScans {
    /** In zigzag order; the first is the mean of the block (DC). */
    static final int COEFFICIENTS = 64;

    /** The most low bits that the gate lets a scan name as missing. */
    static final int MOST_MISSING = 13;

    /** Those of a {@code long}; encoders write about ten. */
    private static final int MOST_SCANS = 64;

    private static final int MOST_COMPONENTS = 4;
    private static final int MOST_TABLES = 4;

    private final byte[] body;
    private final int frame;
    // Of each scan, where its header ends.
    private final int[] ends = new int[MOST_SCANS];
    private int count;
    // The lowest bit of each coefficient of each component that has come, -1 before the first.
    private final byte[] known = new byte[MOST_COMPONENTS * COEFFICIENTS];
    private int acTables;
    // Where the first value of each quantisation table lies, and how many bytes each takes.
    private final int[] values = new int[MOST_TABLES];
    private final int[] valueBytes = new int[MOST_TABLES];

    private ProgressiveScans(byte[] body, int frame) {
        this.body = body;
        this.frame = frame;
    }

    /**
     * @param body a JPEG that passed the gate
     * @param firstScanEnd as in {@link ImageHeader}
     */
    static Optional<ProgressiveScans> of(byte[] body, int firstScanEnd) {
        int frame = progressiveFrame(body);
        if (frame == 0) {
            return Optional.empty();
        }
        ProgressiveScans scans = new ProgressiveScans(body, frame);
        return scans.read(firstScanEnd) ? Optional.of(scans) : Optional.empty();
    }

    /** The segment of the frame, 0 where it is not progressive. */
    private static int progressiveFrame(byte[] body) {
        int at = 2;
        while (true) {
            int codeAt = JpegMarkers.code(body, at);
            int code = u8(body, codeAt);
            if (code >= JpegMarkers.SOF0 && code <= JpegMarkers.SOF2) {
                return code == JpegMarkers.SOF2 ? codeAt + 1 : 0;
            }
            at = codeAt + 1 + u16be(body, codeAt + 1);
        }
    }

    private boolean read(int firstScanEnd) {
        Arrays.fill(known, (byte) -1);
        int at = 2;
        while (true) {
            int codeAt = JpegMarkers.code(body, at);
            int code = u8(body, codeAt);
            if (code == JpegMarkers.EOI) {
                return isComplete();
            }
            int segment = codeAt + 1;
            int end = segment + u16be(body, segment);
            switch (code) {
                case JpegMarkers.DHT -> readHuffmanTables(segment, end);
                case JpegMarkers.DQT -> {
                    if (count > 0) {
                        return false;
                    }
                    readValues(segment, end);
                }
                case JpegMarkers.SOS -> {
                    if (count == MOST_SCANS || !follows(segment, end)) {
                        return false;
                    }
                    ends[count++] = end;
                    end = count == 1 ? firstScanEnd : JpegMarkers.endOfScan(body, end);
                }
                default -> {}
            }
            at = end;
        }
    }

    private void readHuffmanTables(int segment, int end) {
        int at = segment + 2;
        while (at < end) {
            int symbols = 0;
            for (int bits = 1; bits <= 16; bits++) {
                symbols += u8(body, at + bits);
            }
            acTables |= u8(body, at) >> 4 == 0 ? 0 : 1 << (u8(body, at) & 15);
            at += 17 + symbols;
        }
    }

    private void readValues(int segment, int end) {
        int at = segment + 2;
        while (at < end) {
            int table = u8(body, at) & 15;
            values[table] = at + 1;
            valueBytes[table] = 1 + (u8(body, at) >> 4);
            at += 1 + COEFFICIENTS * valueBytes[table];
        }
    }

    /** Whether a scan has the bits that come next of its coefficients; takes note of them. */
    private boolean follows(int segment, int end) {
        int before = u8(body, end - 1) >> 4;
        int after = u8(body, end - 1) & 15;
        if (before != 0 && after != before - 1) {
            return false;
        }
        int first = u8(body, end - 3);
        for (int at = segment + 3; at < end - 3; at += 2) {
            int component = component(u8(body, at));
            if (component < 0 || first > 0 && !isReadyForAc(component, u8(body, at + 1) & 15)) {
                return false;
            }
            for (int k = first; k <= u8(body, end - 2); k++) {
                int coefficient = component * COEFFICIENTS + k;
                if (known[coefficient] != (before == 0 ? -1 : before)) {
                    return false;
                }
                known[coefficient] = (byte) after;
            }
        }
        return true;
    }

    private boolean isReadyForAc(int component, int table) {
        return known[component * COEFFICIENTS] >= 0 && (acTables >> table & 1) != 0;
    }

    /** The only component of this id, or -1. */
    private int component(int id) {
        int found = -1;
        for (int i = 0; i < components(); i++) {
            if (JpegFrame.id(body, frame, i) == id) {
                if (found >= 0) {
                    return -1;
                }
                found = i;
            }
        }
        return found;
    }

    private boolean isComplete() {
        for (int i = 0; i < components() * COEFFICIENTS; i++) {
            if (known[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** The quantisation table of a component. */
    int table(int component) {
        return JpegFrame.quantTable(body, frame, component);
    }

    /** Into how many samples a side a block of a component is decoded. */
    int samples(int component, int reduction) {
        return JpegFrame.samples(body, frame, component, reduction);
    }

    int components() {
        return JpegFrame.components(body, frame);
    }

    int count() {
        return count;
    }

    /** Whether a scan has coefficients of this component beside the mean (AC). */
    boolean hasAc(int scan, int component) {
        // Such a scan has one component, whose id lies before that of its tables.
        return first(scan) > 0 && component(u8(body, ends[scan] - 5)) == component;
    }

    /** The first coefficient of a scan. */
    int first(int scan) {
        return u8(body, ends[scan] - 3);
    }

    /** The coefficients of a scan, a bit for each. */
    long band(int scan) {
        return -1L << first(scan) & -1L >>> COEFFICIENTS - 1 - u8(body, ends[scan] - 2);
    }

    /** How many low bits of its coefficients were missing before a scan; 0 where all were. */
    int missingBefore(int scan) {
        return u8(body, ends[scan] - 1) >> 4;
    }

    /** How many low bits of its coefficients are missing after a scan. */
    int missingAfter(int scan) {
        return u8(body, ends[scan] - 1) & 15;
    }

    /** The largest of a table's values from one coefficient to another. */
    int largestValue(int table, int from, int to) {
        int largest = 0;
        for (int k = from; k <= to; k++) {
            int at = values[table] + k * valueBytes[table];
            largest = Math.max(largest, valueBytes[table] == 1 ? u8(body, at) : u16be(body, at));
        }
        return largest;
    }
}
