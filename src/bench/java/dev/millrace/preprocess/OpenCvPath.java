package dev.millrace.preprocess;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/** A JPEG in native memory, decoded and resized by OpenCV and nothing else. */
final class OpenCvPath implements AutoCloseable {
    private final Mat encoded;
    private final Mat decoded = new Mat();
    private final Mat row;
    private final Size size;

    /**
     * @param row the target, of which the picture gets the first {@code width * height} pixels
     */
    OpenCvPath(byte[] jpeg, Arena arena, MemorySegment row, int width, int height) {
        MemorySegment copy = arena.allocate(jpeg.length);
        MemorySegment.copy(jpeg, 0, copy, ValueLayout.JAVA_BYTE, 0, jpeg.length);
        this.encoded = view(copy, 1, jpeg.length, opencv_core.CV_8UC1);
        this.row = view(row, height, width, opencv_core.CV_8UC3);
        this.size = new Size(width, height);
    }

    private static Mat view(MemorySegment memory, int rows, int columns, int type) {
        return new Mat(rows, columns, type, new BytePointer(memory.asByteBuffer()));
    }

    /** The floor: what no preprocessing can do without. */
    Mat decode(int reduction) {
        int flags =
                opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION
                        | ImageDecoder.reduced(reduction)
                        | opencv_imgcodecs.IMREAD_COLOR_RGB;
        opencv_imgcodecs.imdecode(encoded, flags, decoded).close();
        return decoded;
    }

    void resize(int interpolation) {
        opencv_imgproc.resize(decoded, row, size, 0, 0, interpolation);
    }

    @Override
    public void close() {
        encoded.close();
        decoded.close();
        row.close();
        size.close();
    }
}
