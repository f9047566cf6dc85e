package dev.millrace.image;

import static dev.millrace.image.Bytes.u16be;
import static dev.millrace.image.Bytes.u8;
import static dev.millrace.image.ImageFormat.JPEG;
import static dev.millrace.image.JpegMarkers.APP0;
import static dev.millrace.image.JpegMarkers.APP1;
import static dev.millrace.image.JpegMarkers.APP15;
import static dev.millrace.image.JpegMarkers.COM;
import static dev.millrace.image.JpegMarkers.DAC;
import static dev.millrace.image.JpegMarkers.DHT;
import static dev.millrace.image.JpegMarkers.DQT;
import static dev.millrace.image.JpegMarkers.DRI;
import static dev.millrace.image.JpegMarkers.EOI;
import static dev.millrace.image.JpegMarkers.JPG;
import static dev.millrace.image.JpegMarkers.SOF0;
import static dev.millrace.image.JpegMarkers.SOF1;
import static dev.millrace.image.JpegMarkers.SOF15;
import static dev.millrace.image.JpegMarkers.SOF2;
import static dev.millrace.image.JpegMarkers.SOS;

import dev.millrace.job.FailureException;

/**
 * Walks all markers of a JPEG up to its end marker. Read are SOF0 to SOF2 (baseline, extended,
 * progressive) with 8 bits and 1, 3 or 4 components; not read are arithmetic coding, lossless,
 * hierarchical and 12 bits. Huffman tables may be missing: libjpeg-turbo then takes the standard
 * ones, which frames of Motion JPEG rely on.
 */
final class JpegGate {
    /** libjpeg's bound on the blocks of one unit of an interleaved scan, from T.81 B.2.3. */
    private static final int MAX_BLOCKS_PER_UNIT = 10;

    /** Of a block. */
    private static final long SAMPLES = 64;

    private JpegGate() {}

    static ImageHeader inspect(byte[] body, ImageLimits limits) throws FailureException {
        int at = 2;
        int frame = 0;
        boolean progressive = false;
        boolean partial = false;
        int quantTables = 0;
        int scans = 0;
        int scanned = 0;
        long samples = 0;
        long scanBytes = 0;
        int firstScanEnd = 0;
        int orientation = 0;
        while (true) {
            int codeAt = JpegMarkers.code(body, at);
            if (codeAt < 0) {
                throw JPEG.corrupt("byte " + at + " should start a marker");
            }
            if (codeAt == body.length) {
                throw JPEG.cut("it has no end marker");
            }
            int code = u8(body, codeAt);
            if (code == EOI) {
                break;
            }
            at = codeAt + 1;
            int end = segmentEnd(body, at, code);
            switch (code) {
                case SOF0, SOF1, SOF2 -> {
                    if (frame != 0) {
                        throw JPEG.corrupt("it has a second frame, at byte " + at);
                    }
                    frame = at;
                    progressive = code == SOF2;
                    JpegFrame.check(body, at, end, limits);
                }
                case DHT -> checkHuffmanTables(body, at, end);
                case DQT -> quantTables |= quantTables(body, at, end);
                case SOS -> {
                    if (frame == 0) {
                        throw JPEG.corrupt("the scan at byte " + at + " stands before its frame");
                    }
                    int carried = scan(body, at, end, frame, progressive, quantTables);
                    scanned |= progressive && u8(body, end - 3) > 0 ? 0 : carried;
                    partial |= u8(body, at + 2) < JpegFrame.components(body, frame);
                    samples += SAMPLES * JpegFrame.blocks(body, frame, carried);
                    checkScans(++scans, samples, limits);
                    int stop = JpegMarkers.endOfScan(body, end);
                    if (stop == body.length) {
                        throw JPEG.cut("it ends inside scan " + scans + ", without an end marker");
                    }
                    scanBytes += stop - end;
                    firstScanEnd = scans == 1 ? stop : firstScanEnd;
                    end = stop;
                }
                case APP1 -> {
                    if (orientation == 0 && Bytes.match(body, at + 2, Exif.PREFIX)) {
                        orientation = Exif.orientation(body, at + 2, end);
                    }
                }
                default -> {}
            }
            at = end;
        }
        if (frame == 0 || scans == 0) {
            throw JPEG.corrupt("it ends without a picture");
        }
        checkComplete(body, frame, scanned, progressive ? Long.MAX_VALUE : scanBytes);
        return new ImageHeader(
                JPEG,
                JpegFrame.width(body, frame),
                JpegFrame.height(body, frame),
                Math.max(1, orientation),
                false,
                false,
                JpegFrame.components(body, frame) == 1,
                firstScanEnd,
                JpegFrame.decoderBytes(body, frame, progressive || partial));
    }

    /** Where the segment ends whose length field lies at {@code at}; refuses unknown markers. */
    private static int segmentEnd(byte[] body, int at, int code) throws FailureException {
        boolean known =
                code >= SOF0 && code <= SOF15 && code != JPG
                        || code >= SOS && code <= DRI
                        || code >= APP0 && code <= APP15
                        || code == COM;
        if (!known) {
            throw JPEG.corrupt(
                    "it has the unknown marker 0xFF%02X at byte %d".formatted(code, at - 2));
        }
        if (code >= SOF0 && code <= SOF15 && code > SOF2 && code != DHT && code != DAC) {
            throw ImageFormat.unsupported(
                    "the JPEG is %s (SOF%d), which is not read; send it baseline or progressive"
                            .formatted(coding(code), code - SOF0));
        }
        int left = body.length - at;
        int length = left < 2 ? 2 : u16be(body, at);
        if (left < length) {
            throw JPEG.cut(
                    "segment 0xFF%02X at byte %d needs %d bytes, but only %d are left"
                            .formatted(code, at - 2, length, left));
        }
        if (length < 2) {
            throw JPEG.corrupt("segment 0xFF%02X at byte %d has no length".formatted(code, at - 2));
        }
        return at + length;
    }

    private static String coding(int code) {
        if (code > JPG) {
            return "arithmetic coded";
        }
        return code == SOF0 + 3 ? "lossless" : "hierarchical";
    }

    /** The tables that a DQT segment defines, a bit for each. */
    private static int quantTables(byte[] body, int segment, int end) throws FailureException {
        int defined = 0;
        int at = segment + 2;
        while (at < end) {
            int precision = u8(body, at) >> 4;
            int table = u8(body, at) & 15;
            at += 1 + 64 * (precision + 1);
            if (precision > 1 || table > 3 || at > end) {
                throw JPEG.corrupt(
                        "the quantisation tables at byte " + segment + " are impossible");
            }
            defined |= 1 << table;
        }
        return defined;
    }

    /**
     * Counts of codes must leave room for each other: a code of n bits takes 2^(16-n) of 65,536
     * places, and the code of all ones stays free (T.81 C.2), as libjpeg demands too.
     */
    private static void checkHuffmanTables(byte[] body, int segment, int end)
            throws FailureException {
        int at = segment + 2;
        while (at < end) {
            if (end - at < 17) {
                throw JPEG.corrupt("the Huffman table at byte " + at + " is too short");
            }
            boolean dc = u8(body, at) >> 4 == 0;
            int symbols = 0;
            int code = 0;
            boolean possible = (u8(body, at) & 0xEF) <= 3;
            for (int bits = 1; bits <= 16; bits++) {
                int count = u8(body, at + bits);
                symbols += count;
                code += count;
                possible &= code < 1 << bits;
                code <<= 1;
            }
            at += 17;
            if (!possible || symbols > 256 || symbols > end - at) {
                throw JPEG.corrupt("the Huffman table at byte " + (at - 17) + " is impossible");
            }
            for (int i = 0; dc && i < symbols; i++) {
                if (u8(body, at + i) > 15) {
                    throw JPEG.corrupt("the Huffman table at byte " + (at - 17) + " is impossible");
                }
            }
            at += symbols;
        }
    }

    /**
     * Checks the header of a scan: length (2), components (1), for each its id (1) and tables (1),
     * then the first and last coefficient (1 each) and the bit positions (4 bits each).
     *
     * @return the components of the scan, a bit for each
     */
    private static int scan(
            byte[] body, int scan, int end, int frame, boolean progressive, int quantTables)
            throws FailureException {
        int count = end - scan < 3 ? 0 : u8(body, scan + 2);
        if (count < 1 || count > JpegFrame.components(body, frame) || end - scan != 6 + 2 * count) {
            throw JPEG.corrupt("the scan at byte " + scan + " has an impossible length");
        }
        int carried = 0;
        int blocks = 0;
        for (int i = 0; i < count; i++) {
            int component = component(body, frame, u8(body, scan + 3 + 2 * i), carried);
            int tables = u8(body, scan + 4 + 2 * i);
            if (component < 0 || tables >> 4 > 3 || (tables & 15) > 3) {
                throw JPEG.corrupt(
                        "the scan at byte "
                                + scan
                                + " names a component or a table that does not exist");
            }
            if ((quantTables >> JpegFrame.quantTable(body, frame, component) & 1) == 0) {
                throw JPEG.corrupt(
                        "the quantisation table of component %d is missing".formatted(component));
            }
            carried |= 1 << component;
            blocks +=
                    JpegFrame.across(body, frame, component)
                            * JpegFrame.down(body, frame, component);
        }
        if (count > 1 && blocks > MAX_BLOCKS_PER_UNIT) {
            throw JPEG.corrupt("the scan at byte " + scan + " has " + blocks + " blocks per unit");
        }
        if (!progressive) {
            return carried;
        }
        int first = u8(body, end - 3);
        int last = u8(body, end - 2);
        boolean base = first == 0;
        boolean possible = base ? last == 0 : last >= first && last <= 63 && count == 1;
        if (!possible || (u8(body, end - 1) & 15) > 13) {
            throw JPEG.corrupt("the progressive scan at byte " + scan + " is impossible");
        }
        return carried;
    }

    /** The component of this id that the scan has not named yet, or -1. */
    private static int component(byte[] body, int frame, int id, int named) {
        for (int i = 0; i < JpegFrame.components(body, frame); i++) {
            if (JpegFrame.id(body, frame, i) == id && (named >> i & 1) == 0) {
                return i;
            }
        }
        return -1;
    }

    private static void checkScans(int scans, long samples, ImageLimits limits)
            throws FailureException {
        if (scans > limits.maxJpegScans()) {
            throw JPEG.tooLarge(
                    "has more than %d scans; send it baseline".formatted(limits.maxJpegScans()));
        }
        if (samples > limits.maxScanSamples()) {
            throw JPEG.tooLarge(
                    "has %d scans or more; the scans pass %d samples; send it baseline"
                            .formatted(scans, samples));
        }
    }

    /**
     * Every component must have been scanned, and a block of a sequential scan has two codes of a
     * bit or more. Fewer bytes cannot be the whole picture: a decoder would fill in gray, however
     * large the frame.
     *
     * @param scanBytes of all scans
     */
    private static void checkComplete(byte[] body, int frame, int scanned, long scanBytes)
            throws FailureException {
        for (int i = 0; i < JpegFrame.components(body, frame); i++) {
            if ((scanned >> i & 1) == 0) {
                throw JPEG.corrupt("no scan has the data of component " + i);
            }
        }
        long blocks = JpegFrame.blocks(body, frame, -1);
        if (scanBytes < blocks / 4) {
            throw JPEG.cut(
                    "its scans have %d bytes, too few for %d blocks".formatted(scanBytes, blocks));
        }
    }
}
