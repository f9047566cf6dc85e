package dev.millrace.image;

import static dev.millrace.image.Bytes.u16be;
import static dev.millrace.image.Bytes.u8;
import static dev.millrace.image.ImageFormat.JPEG;

import dev.millrace.job.FailureException;

/**
 * The frame segment of a JPEG, read in place from its length field on: length (2), precision (1),
 * height (2), width (2), components (1), then for each its id (1), sampling factors (4 bits each)
 * and quantisation table (1).
 */
final class JpegFrame {
    /** Of a block of 8 x 8. */
    private static final long COEFFICIENT_BYTES = 128;

    private JpegFrame() {}

    static int height(byte[] body, int frame) {
        return u16be(body, frame + 3);
    }

    static int width(byte[] body, int frame) {
        return u16be(body, frame + 5);
    }

    static int components(byte[] body, int frame) {
        return u8(body, frame + 7);
    }

    static int id(byte[] body, int frame, int component) {
        return u8(body, frame + 8 + 3 * component);
    }

    static int across(byte[] body, int frame, int component) {
        return u8(body, frame + 9 + 3 * component) >> 4;
    }

    static int down(byte[] body, int frame, int component) {
        return u8(body, frame + 9 + 3 * component) & 15;
    }

    static int quantTable(byte[] body, int frame, int component) {
        return u8(body, frame + 10 + 3 * component);
    }

    /** Checks the segment from {@code frame} to {@code end}; the rest relies on it. */
    static void check(byte[] body, int frame, int end, ImageLimits limits) throws FailureException {
        if (end - frame < 8 || end - frame != 8 + 3 * components(body, frame)) {
            throw JPEG.corrupt("the frame at byte " + frame + " has an impossible length");
        }
        int bits = u8(body, frame + 2);
        if (bits != 8) {
            throw ImageFormat.unsupported(
                    "the JPEG has %d bits per sample; send one with 8".formatted(bits));
        }
        int count = components(body, frame);
        if (count != 1 && count != 3 && count != 4) {
            throw ImageFormat.unsupported(
                    "the JPEG has %d components; send it in gray, colour or CMYK".formatted(count));
        }
        JPEG.checkSize(width(body, frame), height(body, frame), limits);
        int mostAcross = mostAcross(body, frame);
        int mostDown = mostDown(body, frame);
        for (int i = 0; i < count; i++) {
            int across = across(body, frame, i);
            int down = down(body, frame, i);
            if (across < 1 || across > 4 || down < 1 || down > 4) {
                throw JPEG.corrupt(
                        "component %d has the impossible sampling factors %d x %d"
                                .formatted(i, across, down));
            }
            if (mostAcross % across != 0 || mostDown % down != 0) {
                throw ImageFormat.unsupported(
                        "the JPEG's component %d has a sampling factor that does not divide the largest one; send it as 4:2:0"
                                .formatted(i));
            }
            if (quantTable(body, frame, i) > 3) {
                throw JPEG.corrupt(
                        "component %d names an impossible quantisation table".formatted(i));
            }
        }
    }

    private static int mostAcross(byte[] body, int frame) {
        int most = 1;
        for (int i = 0; i < components(body, frame); i++) {
            most = Math.max(most, across(body, frame, i));
        }
        return most;
    }

    private static int mostDown(byte[] body, int frame) {
        int most = 1;
        for (int i = 0; i < components(body, frame); i++) {
            most = Math.max(most, down(body, frame, i));
        }
        return most;
    }

    /**
     * Into how many samples a side libjpeg decodes a block of a component where the picture is
     * reduced. Those of sparser components become more, up to 8, instead of being spread later.
     *
     * @param reduction 1, 2, 4 or 8
     */
    static int samples(byte[] body, int frame, int component, int reduction) {
        int least = 8 / reduction;
        int across = mostAcross(body, frame) * least;
        int down = mostDown(body, frame) * least;
        int samples = least;
        while (samples < 8
                && across % (across(body, frame, component) * samples * 2) == 0
                && down % (down(body, frame, component) * samples * 2) == 0) {
            samples *= 2;
        }
        return samples;
    }

    /** The blocks of 8 x 8 samples of these components, a bit for each. */
    static long blocks(byte[] body, int frame, int components) {
        long blocks = 0;
        int acrossUnit = 8 * mostAcross(body, frame);
        int downUnit = 8 * mostDown(body, frame);
        for (int i = 0; i < components(body, frame); i++) {
            if ((components >> i & 1) != 0) {
                long across = Math.ceilDiv(width(body, frame) * across(body, frame, i), acrossUnit);
                long down = Math.ceilDiv(height(body, frame) * down(body, frame, i), downUnit);
                blocks += across * down;
            }
        }
        return blocks;
    }

    /**
     * What libjpeg keeps beside its result: of each component the rows of samples around those that
     * it works on, ten for each block of a unit's height; as many rows of them in full width as a
     * unit has; OpenCV's row of pixels; and where blocks come in more than one scan the
     * coefficients of all blocks, in whole units.
     */
    static long decoderBytes(byte[] body, int frame, boolean allBlocks) {
        int width = width(body, frame);
        long bytes = 4L * width;
        for (int i = 0; i < components(body, frame); i++) {
            int rows = down(body, frame, i);
            long across = inUnits(width, across(body, frame, i), mostAcross(body, frame));
            long down = inUnits(height(body, frame), rows, mostDown(body, frame));
            bytes += 10 * rows * 8 * across + (long) mostDown(body, frame) * width;
            bytes += allBlocks ? COEFFICIENT_BYTES * across * down : 0;
        }
        return bytes;
    }

    /** The blocks along a side, whole units of all components. */
    private static long inUnits(int side, int sampled, int most) {
        int units = Math.ceilDiv(side * sampled, 8 * most);
        return (long) Math.ceilDiv(units, sampled) * sampled;
    }
}
