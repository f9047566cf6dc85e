package dev.millrace.image;

import static dev.millrace.image.Bytes.u16le;
import static dev.millrace.image.Bytes.u8;
import static dev.millrace.image.ImageFormat.GIF;

import dev.millrace.job.FailureException;

/**
 * Walks the blocks of a GIF up to the end of its first frame; the others are never decoded. The
 * picture is the canvas with that frame on it.
 */
final class GifGate {
    static final int EXTENSION = 0x21;
    static final int FRAME = 0x2C;
    static final int GRAPHIC_CONTROL = 0xF9;

    /** Signature and logical screen. */
    static final int SCREEN_BYTES = 13;

    /** A frame's descriptor with its introducer. */
    private static final int DESCRIPTOR_BYTES = 10;

    private static final int GRAPHIC_CONTROL_BYTES = 8;

    /** Of a pixel on the decoder's canvas, and of one that it keeps to restore it. */
    private static final long CANVAS_BYTES = 4;

    /**
     * The first of the ways to dispose of a frame for which the decoder keeps another of its size.
     */
    private static final int RESTORED = 2;

    private GifGate() {}

    static ImageHeader inspect(byte[] body, ImageLimits limits) throws FailureException {
        if (body.length < SCREEN_BYTES || screenEnd(body) > body.length) {
            throw GIF.cut("it ends inside its header");
        }
        int width = u16le(body, 6);
        int height = u16le(body, 8);
        GIF.checkSize(width, height, limits);
        boolean transparent = false;
        boolean restored = false;
        int at = screenEnd(body);
        while (true) {
            if (body.length - at < 2) {
                throw GIF.cut("it ends before its first frame");
            }
            int kind = u8(body, at);
            if (kind == FRAME) {
                break;
            }
            if (kind != EXTENSION) {
                throw GIF.corrupt("byte %d should start a frame but is 0x%02X".formatted(at, kind));
            }
            int end = blocksEnd(body, at + 2);
            if (end < 0) {
                throw GIF.cut("the extension at byte " + at + " has no end");
            }
            if (isGraphicControl(body, at, end)) {
                transparent = (body[at + 3] & 1) != 0;
                restored = (u8(body, at + 3) >> 2 & 7) >= RESTORED;
            }
            at = end;
        }
        boolean covers = checkFrame(body, at, width, height);
        long pixels = (long) u16le(body, at + 5) * u16le(body, at + 7);
        long table = GifTable.bytes(body, frameData(body, at), pixels);
        return new ImageHeader(
                GIF,
                width,
                height,
                1,
                transparent || !covers,
                false,
                false,
                CANVAS_BYTES * width * height + pixels * (restored ? 1 + CANVAS_BYTES : 1) + table);
    }

    /** Where the logical screen with its colours ends. */
    static int screenEnd(byte[] body) {
        return SCREEN_BYTES + colourBytes(u8(body, 10));
    }

    /** The bytes of the colour table that a byte of flags announces. */
    private static int colourBytes(int flags) {
        return (flags & 0x80) == 0 ? 0 : 3 << (flags & 7) + 1;
    }

    /**
     * Where a chain of blocks ends that starts at {@code from}, or -1 where the body ends first.
     */
    static int blocksEnd(byte[] body, int from) {
        int at = from;
        while (at < body.length) {
            int length = u8(body, at);
            at += 1 + length;
            if (length == 0) {
                return at;
            }
        }
        return -1;
    }

    /** Whether the extension from {@code at} to {@code end} belongs to the next frame. */
    static boolean isGraphicControl(byte[] body, int at, int end) {
        return u8(body, at + 1) == GRAPHIC_CONTROL
                && end - at == GRAPHIC_CONTROL_BYTES
                && body[at + 2] == 4;
    }

    /** Where the compressed data of the frame at {@code at} starts. */
    static int frameData(byte[] body, int at) {
        return at + DESCRIPTOR_BYTES + colourBytes(u8(body, at + 9));
    }

    /** Whether the frame covers the canvas. */
    private static boolean checkFrame(byte[] body, int at, int width, int height)
            throws FailureException {
        if (body.length - at < DESCRIPTOR_BYTES || body.length - frameData(body, at) < 2) {
            throw GIF.cut("it ends inside its first frame");
        }
        int left = u16le(body, at + 1);
        int top = u16le(body, at + 3);
        int across = u16le(body, at + 5);
        int down = u16le(body, at + 7);
        if (across == 0 || down == 0 || left + across > width || top + down > height) {
            throw GIF.corrupt(
                    "its first frame (%d x %d at %d, %d) is not inside the canvas (%d x %d)"
                            .formatted(across, down, left, top, width, height));
        }
        if (colourBytes(u8(body, at + 9)) + colourBytes(u8(body, 10)) == 0) {
            throw GIF.corrupt("its first frame has no colours");
        }
        int data = frameData(body, at);
        int codeBits = u8(body, data);
        if (codeBits < 2 || codeBits > 8) {
            throw GIF.corrupt("its first frame has codes of %d bits".formatted(codeBits));
        }
        int end = blocksEnd(body, data + 1);
        if (end < 0) {
            throw GIF.cut("it ends inside its first frame");
        }
        if (end == data + 2) {
            throw GIF.corrupt("its first frame is empty");
        }
        return across == width && down == height;
    }
}
