package dev.millrace.image;

import static dev.millrace.image.Bytes.match;
import static dev.millrace.image.Bytes.u32be;
import static dev.millrace.image.Bytes.u8;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Writes what a native decoder needs of a file that passed {@link ImageGate}: one still picture and
 * the data that its colours depend on. Texts, colour profiles, EXIF, unknown chunks, the other
 * frames of an animation and whatever follows the end stay behind, so the parsers for them are
 * never reached. So do the scans of a progressive JPEG that its reduced picture does not show.
 *
 * <p>Since EXIF stays behind, no decoder can apply the orientation: the caller does, by {@link
 * ImageHeader#orientation}. Colour profiles are not applied; browsers do, models are trained
 * without.
 */
public final class Sanitizer {
    /** How many bytes more than the file the copy may have. */
    public static final int SPARE_BYTES = 12;

    private static final byte[] PNG_END = bytes("\0\0\0\0IEND\u00AEB`\u0082");
    private static final byte[] GIF_END = bytes(";");
    private static final byte[] WEBP_START = bytes("RIFF\0\0\0\0WEBP");
    private static final byte[] WEBP_ALPHA = bytes("VP8X\n\0\0\0\u0010\0\0\0\0\0\0\0\0\0");

    private Sanitizer() {}

    private static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    /**
     * Copies the picture.
     *
     * @param body a body that {@link ImageGate#inspect} passed
     * @param header what it returned for this body
     * @param reduction into what part of its sides a JPEG is going to be decoded: 1, 2, 4 or 8
     * @param exactly whether a reduced JPEG must show what all of its scans do; else what hardly
     *     shows may stay behind
     * @param into of at least {@code body.length + SPARE_BYTES} bytes
     * @return how many bytes of {@code into} the decoder is to read
     */
    public static long copyForDecoder(
            byte[] body, ImageHeader header, int reduction, boolean exactly, MemorySegment into) {
        if (into.byteSize() < (long) body.length + SPARE_BYTES) {
            throw new IllegalArgumentException(
                    "the decoder's buffer has %d bytes and needs %d"
                            .formatted(into.byteSize(), (long) body.length + SPARE_BYTES));
        }
        return switch (header.format()) {
            case JPEG -> {
                int firstScanEnd = header.firstScanEnd();
                SpareScans spare = SpareScans.of(body, firstScanEnd, reduction, exactly);
                yield JpegCopy.write(body, firstScanEnd, spare, into);
            }
            case PNG -> copyPng(body, into);
            case WEBP -> copyWebp(body, header, into);
            case GIF -> copyGif(body, into);
        };
    }

    private static long copyPng(byte[] body, MemorySegment into) {
        long to = put(body, 0, PngGate.SIGNATURE_BYTES, into, 0);
        int colours = 0;
        boolean data = false;
        int at = PngGate.SIGNATURE_BYTES;
        while (at < body.length && !match(body, at + 4, "IEND")) {
            int end = at + PngGate.CHUNK_BYTES + (int) u32be(body, at);
            boolean palette = match(body, at + 4, "PLTE") && !PngGate.isGray(body);
            if (palette) {
                colours = (int) u32be(body, at) / 3;
            }
            data |= match(body, at + 4, "IDAT");
            if (palette
                    || match(body, at + 4, "IHDR")
                    || match(body, at + 4, "IDAT")
                    || !data && PngGate.isTransparency(body, at, colours)) {
                to = put(body, at, end, into, to);
            }
            at = end;
        }
        return put(PNG_END, 0, PNG_END.length, into, to);
    }

    private static long copyGif(byte[] body, MemorySegment into) {
        int at = GifGate.screenEnd(body);
        long to = put(body, 0, at, into, 0);
        int control = 0;
        int controlEnd = 0;
        while (u8(body, at) != GifGate.FRAME) {
            int end = GifGate.blocksEnd(body, at + 2);
            if (GifGate.isGraphicControl(body, at, end)) {
                control = at;
                controlEnd = end;
            }
            at = end;
        }
        to = put(body, control, controlEnd, into, to);
        to = put(body, at, GifGate.blocksEnd(body, GifGate.frameData(body, at) + 1), into, to);
        return put(GIF_END, 0, GIF_END.length, into, to);
    }

    private static long copyWebp(byte[] body, ImageHeader header, MemorySegment into) {
        int picture = WebpGate.picture(body);
        long to = put(WEBP_START, 0, WEBP_START.length, into, 0);
        if (header.hasAlpha() && !WebpGate.isLossless(body, picture)) {
            long canvas = to + WEBP_ALPHA.length - 6;
            to = put(WEBP_ALPHA, 0, WEBP_ALPHA.length, into, to);
            putU24(header.width() - 1, into, canvas);
            putU24(header.height() - 1, into, canvas + 3);
            to = putChunk(body, WebpGate.alpha(body, picture), into, to);
        }
        to = putChunk(body, picture, into, to);
        long length = to - 8;
        putU24((int) length & 0xFF_FFFF, into, 4);
        into.set(ValueLayout.JAVA_BYTE, 7, (byte) (length >> 24));
        return to;
    }

    private static long putChunk(byte[] body, int at, MemorySegment into, long to) {
        long end = put(body, at, WebpGate.dataEnd(body, at), into, to);
        if ((end & 1) == 0) {
            return end;
        }
        into.set(ValueLayout.JAVA_BYTE, end, (byte) 0);
        return end + 1;
    }

    private static void putU24(int value, MemorySegment into, long to) {
        into.set(ValueLayout.JAVA_BYTE, to, (byte) value);
        into.set(ValueLayout.JAVA_BYTE, to + 1, (byte) (value >> 8));
        into.set(ValueLayout.JAVA_BYTE, to + 2, (byte) (value >> 16));
    }

    private static long put(byte[] from, int at, int end, MemorySegment into, long to) {
        MemorySegment.copy(from, at, into, ValueLayout.JAVA_BYTE, to, end - at);
        return to + end - at;
    }
}
