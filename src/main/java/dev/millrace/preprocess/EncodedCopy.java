package dev.millrace.preprocess;

import dev.millrace.image.ImageHeader;
import dev.millrace.image.Sanitizer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * The encoded bytes in native memory, for the decoder. Used by one thread; keeps its memory from
 * image to image.
 */
final class EncodedCopy implements AutoCloseable {
    private Arena arena = Arena.ofShared();
    private MemorySegment bytes = MemorySegment.NULL;
    private Mat view = new Mat();

    /**
     * The bytes that the decoder may see, as one row; valid until the next call.
     *
     * @param reduction as in {@link ImageDecoder#decode}
     * @param exactly as in {@link ImageDecoder#decode}
     */
    Mat of(byte[] body, ImageHeader header, int reduction, boolean exactly) {
        reserve(body.length + (long) Sanitizer.SPARE_BYTES);
        view.cols((int) Sanitizer.copyForDecoder(body, header, reduction, exactly, bytes));
        return view;
    }

    private void reserve(long needed) {
        if (bytes.byteSize() >= needed) {
            return;
        }
        long doubled = Math.min(2 * bytes.byteSize(), ImageDecoder.KEEP_BYTES);
        release();
        bytes = arena.allocate(Math.max(needed, doubled));
        view =
                new Mat(
                        1,
                        (int) bytes.byteSize(),
                        opencv_core.CV_8UC1,
                        new BytePointer(bytes.asByteBuffer()));
    }

    /** Frees the memory; what comes next takes it anew. */
    void release() {
        close();
        arena = Arena.ofShared();
        bytes = MemorySegment.NULL;
        view = new Mat();
    }

    /** What is kept now. */
    long size() {
        return bytes.byteSize();
    }

    @Override
    public void close() {
        view.close();
        arena.close();
    }
}
