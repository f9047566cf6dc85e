package dev.millrace.job;

import dev.millrace.api.ImageInfo;
import dev.millrace.api.Placement;

/**
 * What became of an image that was preprocessed before it had a row: pixels to be copied into one,
 * or a failure.
 */
public sealed interface PreprocessedImage {
    /** When the work began, by {@link System#nanoTime}. */
    long startNs();

    /** When it ended. */
    long endNs();

    /**
     * What the row is to hold.
     *
     * @param copied called once the pixels are in a row of the ring
     */
    record Row(
            long startNs,
            long endNs,
            ImageInfo image,
            Placement placement,
            byte[] pixels,
            Runnable copied)
            implements PreprocessedImage {}

    /** Why there is no row. */
    record Failed(long startNs, long endNs, Failure failure) implements PreprocessedImage {}
}
