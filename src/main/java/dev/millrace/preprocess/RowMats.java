package dev.millrace.preprocess;

import dev.millrace.api.InputTensor;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * OpenCV's view of the rows of one ring, made once at start so that no native object is made per
 * image. Shared by the preprocess threads of a model: a row is in one thread's hands at a time.
 */
public final class RowMats implements AutoCloseable {
    private final Mat[] rows;

    public RowMats(int size) {
        OpenCv.load();
        this.rows = new Mat[size];
    }

    /** Adds the view of one row; called for each row before the threads start. */
    public void add(InputTensor input) {
        BytePointer pixels = new BytePointer(input.pixels().asByteBuffer());
        rows[input.row()] = new Mat(input.height(), input.width(), opencv_core.CV_8UC3, pixels);
    }

    Mat of(InputTensor input) {
        return rows[input.row()];
    }

    @Override
    public void close() {
        for (Mat row : rows) {
            row.close();
        }
    }
}
