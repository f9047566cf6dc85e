package dev.millrace.image;

import static dev.millrace.image.Bytes.match;

/**
 * Reads the orientation out of EXIF data (a TIFF directory). Only the first directory is read and
 * no other offset is followed, so offsets that loop do no harm. Broken data means upright, as in
 * browsers.
 */
final class Exif {
    static final String PREFIX = "Exif\0\0";

    private static final int UPRIGHT = 1;
    private static final int ORIENTATION = 0x0112;
    private static final int SHORT = 3;
    private static final int ENTRY_BYTES = 12;

    private Exif() {}

    /**
     * The orientation, 1..8.
     *
     * @param from where the data starts, with or without {@link #PREFIX}
     * @param to where it ends
     */
    static int orientation(byte[] body, int from, int to) {
        int tiff = match(body, from, PREFIX) ? from + PREFIX.length() : from;
        if (to - tiff < 8) {
            return UPRIGHT;
        }
        boolean little = match(body, tiff, "II*\0");
        if (!little && !match(body, tiff, "MM\0*")) {
            return UPRIGHT;
        }
        long offset = little ? Bytes.u32le(body, tiff + 4) : Bytes.u32be(body, tiff + 4);
        if (offset < 8 || offset > to - tiff - 2) {
            return UPRIGHT;
        }
        int directory = tiff + (int) offset;
        int entries = Math.min(u16(body, directory, little), (to - directory - 2) / ENTRY_BYTES);
        for (int i = 0; i < entries; i++) {
            int entry = directory + 2 + i * ENTRY_BYTES;
            if (u16(body, entry, little) == ORIENTATION) {
                int value = u16(body, entry + 8, little);
                boolean sound = u16(body, entry + 2, little) == SHORT && value >= 1 && value <= 8;
                return sound ? value : UPRIGHT;
            }
        }
        return UPRIGHT;
    }

    private static int u16(byte[] body, int at, boolean little) {
        return little ? Bytes.u16le(body, at) : Bytes.u16be(body, at);
    }
}
