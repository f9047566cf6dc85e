package dev.millrace.preprocess;

import dev.millrace.api.ResizeFilter;
import java.lang.foreign.MemorySegment;

/**
 * Resizes {@code uint8 [h, w, 3]} with one of the filters of {@link AxisFilter}, straight into the
 * target: the triangle first along the columns, then along the rows, which takes less; the cubic
 * filter first along the rows, as Pillow does, since it overshoots and what overshoots is cut. The
 * values are rounded to 8 bits after each. One for each thread, since it has scratch memory. Both
 * implementations write the same bytes.
 */
sealed interface Resizer extends AutoCloseable permits JavaResizer, NativeResizer {
    int CHANNELS = 3;

    /** The fastest that this build and machine have. */
    static Resizer create(ResizeFilter filter) {
        return NativeResizer.create(filter).orElseGet(() -> new JavaResizer(filter));
    }

    /**
     * A rectangle of the resized image.
     *
     * @param fullWidth pixels that the whole image is resized to
     * @param left of the rectangle in the resized image
     */
    record Window(int fullWidth, int fullHeight, int left, int top, int width, int height) {
        public Window {
            if (left < 0
                    || top < 0
                    || width < 1
                    || height < 1
                    || width > fullWidth - left
                    || height > fullHeight - top) {
                throw new IllegalArgumentException(
                        "%dx%d at %d,%d is not inside of %dx%d"
                                .formatted(width, height, left, top, fullWidth, fullHeight));
            }
        }

        static Window whole(int width, int height) {
            return new Window(width, height, 0, 0, width, height);
        }
    }

    /**
     * @param source {@code sourceRowBytes} from one row of pixels to the next
     * @param at byte of {@code target} at which the window's first pixel is written
     * @param targetRowBytes from one row of pixels to the next
     */
    void resize(
            MemorySegment source,
            int width,
            int height,
            long sourceRowBytes,
            Window window,
            MemorySegment target,
            long at,
            long targetRowBytes);

    @Override
    void close();
}
