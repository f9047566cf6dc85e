package dev.millrace.preprocess;

import dev.millrace.api.ColorOrder;
import dev.millrace.image.ImageFormat;
import dev.millrace.image.ImageHeader;
import dev.millrace.image.Sanitizer;
import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.Stage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Encoded bytes to upright pixels in the model's colour order, with OpenCV. Used by one thread;
 * owns its scratch memory, which it keeps from image to image up to {@link #KEEP_BYTES} each.
 */
final class ImageDecoder implements AutoCloseable {
    /**
     * Scratch memory larger than this is freed after use: one large photo must not cost its size
     * for ever, on each thread, and what idle threads keep is in no reservation: there are four
     * such buffers, so 4 MiB a thread. To take one anew costs no time that can be measured beside
     * the decoding of such an image.
     */
    static final long KEEP_BYTES = 1L << 20;

    /** Of a pixel without and with transparency, at 8 bits a channel. */
    private static final int OPAQUE_BYTES = 3;

    private static final int ALPHA_BYTES = 4;

    static {
        OpenCv.load();
    }

    private final ColorOrder order;
    private final Mat decoded = new Mat();
    private final Mat opaque = new Mat();
    private final Mat upright = new Mat();
    private final EncodedCopy encoded = new EncodedCopy();

    ImageDecoder(ColorOrder order) {
        this.order = order;
    }

    /** Into what part of its sides this format can be decoded directly: 1, or up to 8. */
    static int maxReduction(ImageHeader header) {
        return header.format() == ImageFormat.JPEG ? 8 : 1;
    }

    /**
     * The native bytes that {@link #decode} takes at most, its result included. First there are the
     * decoder's own and the pixels as they are stored; when the decoder has given back its own,
     * what makes the pixels opaque and what turns them. What the thread keeps from image to image
     * anyway is in it.
     *
     * @param length of the encoded image
     */
    static long bytes(long length, ImageHeader header, int reduction) {
        long pixels = (long) ceil(header.width(), reduction) * ceil(header.height(), reduction);
        int stored = header.hasAlpha() ? ALPHA_BYTES : OPAQUE_BYTES;
        int shown = stored;
        if (header.hasAlpha()) {
            shown += OPAQUE_BYTES;
        }
        if (header.orientation() != 1) {
            shown += OPAQUE_BYTES;
        }
        if (header.hasAlpha() && header.sixteenBit()) {
            stored = 2 * ALPHA_BYTES;
            shown = Math.max(shown, stored + ALPHA_BYTES);
        }
        return length
                + Sanitizer.SPARE_BYTES
                + Math.max(header.decoderBytes() + pixels * stored, pixels * shown);
    }

    /**
     * The image as {@code uint8 [h, w, 3]}, valid until the next call.
     *
     * @param reduction 1, 2, 4 or 8: the sides are divided by it, rounded up
     * @param exactly whether every pixel must be what all of the image makes it; else a reduced
     *     progressive JPEG may do without what hardly shows
     */
    Mat decode(byte[] body, ImageHeader header, int reduction, boolean exactly)
            throws FailureException {
        Mat copy = encoded.of(body, header, reduction, exactly);
        int flags =
                header.hasAlpha()
                        ? opencv_imgcodecs.IMREAD_UNCHANGED
                        : opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION
                                | reduced(reduction)
                                | (order == ColorOrder.BGR
                                        ? opencv_imgcodecs.IMREAD_COLOR_BGR
                                        : opencv_imgcodecs.IMREAD_COLOR_RGB);
        try {
            // Let go of before there is more: it would hold the pixels that are converted.
            try (Mat result = opencv_imgcodecs.imdecode(copy, flags, decoded)) {
                check(result, header, reduction);
            }
            Mat colour = header.hasAlpha() ? overWhite(decoded) : decoded;
            return turn(colour, header.orientation());
        } catch (RuntimeException e) {
            throw corrupt(header, "the decoder refused its data");
        }
    }

    /** The flag for a reduction; goes together with either colour order. */
    static int reduced(int reduction) {
        return switch (reduction) {
            case 2 -> opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_2;
            case 4 -> opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_4;
            case 8 -> opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_8;
            default -> 0;
        };
    }

    private static void check(Mat result, ImageHeader header, int reduction)
            throws FailureException {
        if (result.empty()) {
            throw corrupt(header, "its data cannot be decoded");
        }
        if (result.cols() != ceil(header.width(), reduction)
                || result.rows() != ceil(header.height(), reduction)) {
            throw corrupt(header, "its data has a different size than its header says");
        }
    }

    private static int ceil(int side, int reduction) {
        return (side + reduction - 1) / reduction;
    }

    private static FailureException corrupt(ImageHeader header, String what) {
        return new FailureException(
                Failure.Kind.CORRUPT_IMAGE,
                Stage.PREPROCESS,
                "the image looks like %s but %s; check the file"
                        .formatted(header.format().wireName(), what));
    }

    /**
     * Composites blue, green, red, alpha over white: {@code (c * a + 255 * (255 - a)) / 255},
     * rounded.
     */
    private Mat overWhite(Mat image) {
        if (image.depth() != opencv_core.CV_8U) {
            image.convertTo(image, opencv_core.CV_8U, 1 / 257.0, 0);
        }
        int channels = image.channels();
        int width = image.cols();
        int height = image.rows();
        opaque.create(height, width, opencv_core.CV_8UC3);
        MemorySegment from = bytes(image, (long) channels * width * height);
        MemorySegment to = bytes(opaque, 3L * width * height);
        int red = order == ColorOrder.BGR ? 2 : 0;
        long pixels = (long) width * height;
        for (long pixel = 0; pixel < pixels; pixel++) {
            long at = pixel * channels;
            int blue = at(from, at);
            int green = channels >= 3 ? at(from, at + 1) : blue;
            int redValue = channels >= 3 ? at(from, at + 2) : blue;
            int alpha = channels == 4 ? at(from, at + 3) : 255;
            to.set(ValueLayout.JAVA_BYTE, pixel * 3 + red, over(redValue, alpha));
            to.set(ValueLayout.JAVA_BYTE, pixel * 3 + 1, over(green, alpha));
            to.set(ValueLayout.JAVA_BYTE, pixel * 3 + 2 - red, over(blue, alpha));
        }
        return opaque;
    }

    private static int at(MemorySegment bytes, long index) {
        return Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, index));
    }

    private static byte over(int value, int alpha) {
        return (byte) ((value * alpha + 255 * (255 - alpha) + 127) / 255);
    }

    /** The pixels of a continuous image that this thread owns. */
    @SuppressWarnings("restricted")
    static MemorySegment bytes(Mat image, long size) {
        try (BytePointer data = image.data()) {
            return MemorySegment.ofAddress(data.address()).reinterpret(size);
        }
    }

    /** Applies an EXIF orientation, 1 to 8. */
    private Mat turn(Mat image, int orientation) {
        if (orientation == 1) {
            return image;
        }
        boolean transposed = orientation >= 5;
        Mat source = image;
        if (transposed) {
            opencv_core.transpose(image, upright);
            source = upright;
        }
        // What is left after the transposition: flips around the x axis (0), the y axis (1) or both
        // (-1).
        switch (orientation) {
            case 2, 6 -> opencv_core.flip(source, upright, 1);
            case 3, 7 -> opencv_core.flip(source, upright, -1);
            case 4, 8 -> opencv_core.flip(source, upright, 0);
            default -> {
                // 5 is the transposition alone.
            }
        }
        return upright;
    }

    /**
     * Frees what an unusually large image left behind. Called when the image is no longer needed.
     */
    void trim() {
        trim(decoded);
        trim(opaque);
        trim(upright);
        if (encoded.size() > KEEP_BYTES) {
            encoded.release();
        }
    }

    /** The bytes that it has now, decoded pixels included. */
    long kept() {
        return encoded.size() + bytes(decoded) + bytes(opaque) + bytes(upright);
    }

    private static long bytes(Mat scratch) {
        return scratch.empty() ? 0 : scratch.total() * scratch.elemSize();
    }

    private static void trim(Mat scratch) {
        if (bytes(scratch) > KEEP_BYTES) {
            scratch.release();
        }
    }

    @Override
    public void close() {
        decoded.close();
        opaque.close();
        upright.close();
        encoded.close();
    }
}
