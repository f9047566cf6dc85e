package dev.millrace.preprocess;

import dev.millrace.api.ColorOrder;
import dev.millrace.api.Image;
import dev.millrace.api.InputTensor;
import dev.millrace.api.Placement;
import dev.millrace.api.ResizeRule;
import java.lang.foreign.MemorySegment;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * The image in one preprocess thread's hands. The same object serves image after image; it writes
 * resized pixels straight into the rows of the ring.
 */
final class MatImage implements Image, AutoCloseable {
    private final RowMats rows;
    private final ColorOrder order;
    private final Mat resized = new Mat();
    private final Mat halfway = new Mat();
    private final Size size = new Size();
    private final Scalar fill = new Scalar();
    private Mat pixels;

    MatImage(RowMats rows, ColorOrder order) {
        this.rows = rows;
        this.order = order;
    }

    void show(Mat upright) {
        pixels = upright;
    }

    @Override
    public int width() {
        return pixels.cols();
    }

    @Override
    public int height() {
        return pixels.rows();
    }

    @Override
    public MemorySegment pixels() {
        return ImageDecoder.bytes(pixels, rowBytes() * height()).asReadOnly();
    }

    @Override
    public long rowBytes() {
        return pixels.step();
    }

    @Override
    public Placement fit(ResizeRule rule, InputTensor input) {
        Mat row = rows.of(input);
        return switch (rule) {
            case ResizeRule.Stretch() -> {
                resize(row, input.width(), input.height());
                yield placement(input.width(), input.height(), 0, 0);
            }
            case ResizeRule.Crop(int shortSide) -> crop(row, input, shortSide);
            case ResizeRule.Letterbox letterbox -> letterbox(row, input, letterbox);
        };
    }

    private Placement crop(Mat row, InputTensor input, int shortSide) {
        double scale = (double) shortSide / Math.min(width(), height());
        int scaledWidth = Math.max(shortSide, round(width() * scale));
        int scaledHeight = Math.max(shortSide, round(height() * scale));
        int left = (scaledWidth - input.width()) / 2;
        int top = (scaledHeight - input.height()) / 2;
        resize(resized, scaledWidth, scaledHeight);
        // Shrinking the view and widening it again costs no native object, unlike a second view.
        resized.adjustROI(
                -top,
                top + input.height() - scaledHeight,
                -left,
                left + input.width() - scaledWidth);
        resized.copyTo(row);
        resized.adjustROI(
                top, scaledHeight - top - input.height(), left, scaledWidth - left - input.width());
        return placement(scaledWidth, scaledHeight, -left, -top);
    }

    private Placement letterbox(Mat row, InputTensor input, ResizeRule.Letterbox rule) {
        double scale =
                Math.min((double) input.width() / width(), (double) input.height() / height());
        if (!rule.upscale()) {
            scale = Math.min(1, scale);
        }
        int scaledWidth = Math.max(1, round(width() * scale));
        int scaledHeight = Math.max(1, round(height() * scale));
        boolean center = rule.alignment() == ResizeRule.Alignment.CENTER;
        int left = center ? (input.width() - scaledWidth) / 2 : 0;
        int top = center ? (input.height() - scaledHeight) / 2 : 0;
        if (scaledWidth == input.width() && scaledHeight == input.height()) {
            resize(row, scaledWidth, scaledHeight);
        } else {
            resize(resized, scaledWidth, scaledHeight);
            int first = order == ColorOrder.RGB ? 16 : 0;
            fill.put(
                    rule.fill() >> first & 0xFF,
                    rule.fill() >> 8 & 0xFF,
                    rule.fill() >> 16 - first & 0xFF,
                    0);
            opencv_core.copyMakeBorder(
                    resized,
                    row,
                    top,
                    input.height() - scaledHeight - top,
                    left,
                    input.width() - scaledWidth - left,
                    opencv_core.BORDER_CONSTANT,
                    fill);
        }
        return placement(scaledWidth, scaledHeight, left, top);
    }

    private Placement placement(int scaledWidth, int scaledHeight, int left, int top) {
        return new Placement(
                (double) scaledWidth / width(), (double) scaledHeight / height(), left, top);
    }

    private static int round(double value) {
        return (int) (value + 0.5);
    }

    private void resize(Mat to, int toWidth, int toHeight) {
        boolean narrower = toWidth < width();
        boolean lower = toHeight < height();
        if (toWidth == width() && toHeight == height()) {
            pixels.copyTo(to);
        } else if (toWidth <= width() && toHeight <= height()) {
            resize(pixels, to, toWidth, toHeight, opencv_imgproc.INTER_AREA);
        } else if (!narrower && !lower) {
            resize(pixels, to, toWidth, toHeight, opencv_imgproc.INTER_LINEAR);
        } else {
            // One side shrinks and one grows: area averaging would silently become bilinear for
            // both.
            resize(
                    pixels,
                    halfway,
                    Math.min(toWidth, width()),
                    Math.min(toHeight, height()),
                    opencv_imgproc.INTER_AREA);
            resize(halfway, to, toWidth, toHeight, opencv_imgproc.INTER_LINEAR);
        }
    }

    private void resize(Mat from, Mat to, int toWidth, int toHeight, int interpolation) {
        size.width(toWidth).height(toHeight);
        opencv_imgproc.resize(from, to, size, 0, 0, interpolation);
    }

    /** Frees what an unusually large image left behind. */
    void trim() {
        ImageDecoder.trim(resized);
        ImageDecoder.trim(halfway);
    }

    @Override
    public void close() {
        resized.close();
        halfway.close();
        size.close();
        fill.close();
    }
}
