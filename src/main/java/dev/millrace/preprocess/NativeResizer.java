package dev.millrace.preprocess;

import dev.millrace.api.ResizeFilter;
import dev.millrace.image.ImageLimits;
import dev.millrace.nativelib.NativeLibrary;
import dev.millrace.nativelib.ResizeKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Resizes with our native library, with the vector instructions that the CPU has. Its scratch
 * memory grows with the sides of the images, not with their area: 1.5 MB for the widest image that
 * {@link ImageLimits#DEFAULT} lets in, at the sizes of common models.
 */
final class NativeResizer implements Resizer {
    private static final long CACHE_LINE = 64;

    private final NativeLibrary library;
    private final int filter;
    private Arena arena = Arena.ofShared();
    private MemorySegment scratch = MemorySegment.NULL;

    private NativeResizer(NativeLibrary library, ResizeFilter filter) {
        this.library = library;
        // As the library numbers them.
        this.filter = filter.ordinal();
    }

    /** Empty where the build has no native library. */
    static Optional<Resizer> create(ResizeFilter filter) {
        return ResizeKernel.get().library().map(library -> new NativeResizer(library, filter));
    }

    @Override
    public void resize(
            MemorySegment source,
            int width,
            int height,
            long sourceRowBytes,
            Window window,
            MemorySegment target,
            long at,
            long targetRowBytes) {
        reserve(
                library.resizeScratch(
                        filter,
                        width,
                        height,
                        window.fullWidth(),
                        window.fullHeight(),
                        window.width()));
        // Slices, since their bounds are checked and the native side checks nothing.
        library.resize(
                filter,
                source.asSlice(0, size(width, height, sourceRowBytes)),
                width,
                height,
                sourceRowBytes,
                window.fullWidth(),
                window.fullHeight(),
                window.left(),
                window.top(),
                window.width(),
                window.height(),
                target.asSlice(at, size(window.width(), window.height(), targetRowBytes)),
                targetRowBytes,
                scratch);
    }

    private static long size(int width, int height, long rowBytes) {
        return (height - 1) * rowBytes + (long) CHANNELS * width;
    }

    private void reserve(long bytes) {
        if (scratch.byteSize() < bytes) {
            arena.close();
            arena = Arena.ofShared();
            scratch = arena.allocate(Math.max(bytes, 2 * scratch.byteSize()), CACHE_LINE);
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
