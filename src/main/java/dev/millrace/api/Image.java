package dev.millrace.api;

import java.lang.foreign.MemorySegment;

/**
 * An image of which as much is decoded as is asked for: 8 bits per channel, three interleaved
 * channels in the model's colour order, upright (EXIF orientation applied), transparency composited
 * over white. Valid only during {@link VisionModule#preprocess}.
 */
public interface Image {
    int width();

    int height();

    /**
     * The pixels, row after row, {@link #rowBytes} apart: {@code uint8 [height, width, 3]}. Read
     * only.
     */
    MemorySegment pixels();

    /** Bytes from the start of one row of pixels to the next, at least {@code 3 * width}. */
    long rowBytes();

    /** Resizes the whole image into {@code input} by {@code rule} with the model's filter. */
    Placement fit(ResizeRule rule, InputTensor input);
}
