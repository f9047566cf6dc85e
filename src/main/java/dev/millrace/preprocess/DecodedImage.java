package dev.millrace.preprocess;

import dev.millrace.api.ColorOrder;
import dev.millrace.api.Fidelity;
import dev.millrace.api.Image;
import dev.millrace.api.InputTensor;
import dev.millrace.api.Placement;
import dev.millrace.api.ResizeFilter;
import dev.millrace.api.ResizeRule;
import dev.millrace.image.ImageHeader;
import dev.millrace.job.FailureException;
import dev.millrace.resource.Resources;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * The image in one preprocess thread's hands. It decodes when it is asked for pixels, and only as
 * much as the input can show. The same object serves image after image; it writes resized pixels
 * straight into the rows of the ring.
 */
final class DecodedImage implements Image, AutoCloseable {
    private static final int CHANNELS = 3;

    private final Resources resources = new Resources();
    private final ColorOrder order;
    private final Fidelity fidelity;
    private final ImageDecoder decoder;
    private final Resizer resizer;
    private final DecodeBudget budget;
    private long reserved;
    private byte[] body;
    private ImageHeader header;
    // What is decoded now; a reduction of 0 where nothing is.
    private int reduction;
    private MemorySegment pixels = MemorySegment.NULL;
    private int decodedWidth;
    private int decodedHeight;
    private long rowBytes;

    DecodedImage(ColorOrder order, Fidelity fidelity, DecodeBudget budget) {
        this(order, fidelity, budget, Resizer.create(ResizeFilter.BILINEAR));
    }

    /** With a resizer that it then owns. */
    DecodedImage(ColorOrder order, Fidelity fidelity, DecodeBudget budget, Resizer resizer) {
        this.budget = budget;
        this.order = order;
        this.fidelity = fidelity;
        this.resizer = resources.own(resizer);
        try {
            this.decoder = resources.own(new ImageDecoder(order));
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    void show(byte[] encoded, ImageHeader read) {
        body = encoded;
        header = read;
        reduction = 0;
    }

    /** Lets go of the image and of what an unusually large one took. */
    void forget() {
        body = null;
        release();
    }

    private void release() {
        reduction = 0;
        pixels = MemorySegment.NULL;
        if (reserved != 0) {
            decoder.trim();
            budget.giveBack(reserved);
            reserved = 0;
        }
    }

    /** Decodes to at least this much detail. */
    private void decode(int most) {
        if (reduction != 0 && reduction <= most) {
            return;
        }
        // A thread that held bytes while it waits for more could wait for another such thread.
        release();
        try {
            reserve(ImageDecoder.bytes(body.length, header, most));
            Mat upright = decoder.decode(body, header, most, fidelity != Fidelity.FAST);
            reduction = most;
            decodedWidth = upright.cols();
            decodedHeight = upright.rows();
            rowBytes = upright.step();
            pixels = ImageDecoder.bytes(upright, rowBytes * decodedHeight).asReadOnly();
        } catch (FailureException e) {
            throw new UndecodableException(e);
        }
    }

    private void reserve(long bytes) throws FailureException {
        if (bytes > budget.capacity()) {
            throw header.format()
                    .tooLarge(
                            "takes %d bytes of memory to decode, but this worker has %d; send a smaller one, or raise preprocess.decodeBytes"
                                    .formatted(bytes, budget.capacity()));
        }
        budget.take(bytes);
        reserved = bytes;
    }

    @Override
    public int width() {
        return header.uprightWidth();
    }

    @Override
    public int height() {
        return header.uprightHeight();
    }

    @Override
    public MemorySegment pixels() {
        decode(1);
        return pixels;
    }

    @Override
    public long rowBytes() {
        decode(1);
        return rowBytes;
    }

    @Override
    public Placement fit(ResizeRule rule, InputTensor input) {
        Geometry geometry = Geometry.of(rule, width(), height(), input.width(), input.height());
        Resizer.Window shown = geometry.shown(input.width(), input.height());
        int left = Math.max(0, geometry.left());
        int top = Math.max(0, geometry.top());
        fillAround(shown, top, input, rule.fill());
        resize(shown, input, left, top);
        return geometry.placement(width(), height());
    }

    /** Fills what the picture leaves of the input: bands, or all where it does not fill rows. */
    private void fillAround(Resizer.Window picture, int top, InputTensor input, int color) {
        int bottom = top + picture.height();
        if (picture.width() < input.width()) {
            fill(input, 0, input.height(), color);
        } else if (picture.height() < input.height()) {
            fill(input, 0, top, color);
            fill(input, bottom, input.height(), color);
        }
    }

    private void fill(InputTensor input, int fromRow, int toRow, int color) {
        long rowBytes = (long) CHANNELS * input.width();
        long bytes = (toRow - fromRow) * rowBytes;
        MemorySegment band = input.pixels().asSlice(fromRow * rowBytes, bytes);
        byte[] channels = {(byte) (color >> 16), (byte) (color >> 8), (byte) color};
        if (channels[0] == channels[1] && channels[1] == channels[2]) {
            band.fill(channels[0]);
            return;
        }
        int first = order == ColorOrder.BGR ? 2 : 0;
        for (long at = 0; at < bytes; at += CHANNELS) {
            band.set(ValueLayout.JAVA_BYTE, at, channels[first]);
            band.set(ValueLayout.JAVA_BYTE, at + 1, channels[1]);
            band.set(ValueLayout.JAVA_BYTE, at + 2, channels[2 - first]);
        }
    }

    private void resize(Resizer.Window window, InputTensor input, int left, int top) {
        decode(reduction(window));
        long targetRowBytes = (long) CHANNELS * input.width();
        resizer.resize(
                pixels,
                decodedWidth,
                decodedHeight,
                rowBytes,
                window,
                input.pixels(),
                top * targetRowBytes + (long) CHANNELS * left,
                targetRowBytes);
    }

    private int reduction(Resizer.Window window) {
        double least = fidelity.factor();
        int most = ImageDecoder.maxReduction(header);
        int chosen = 1;
        while (2 * chosen <= most
                && width() >= 2 * chosen * least * window.fullWidth()
                && height() >= 2 * chosen * least * window.fullHeight()) {
            chosen *= 2;
        }
        return chosen;
    }

    @Override
    public void close() {
        resources.close();
    }
}
