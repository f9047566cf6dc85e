package dev.millrace.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/** Gives a file to OpenCV as it is, and says what that took: milliseconds and MiB. */
public final class BareDecode {
    private BareDecode() {}

    /**
     * @param arguments the file
     */
    public static void main(String... arguments) throws Exception {
        opencv_core.setNumThreads(0);
        byte[] body = Files.readAllBytes(Path.of(arguments[0]));
        Memory.resetPeak();
        long before = Memory.resident();
        long startNs = System.nanoTime();
        boolean decoded = decode(body);
        double ms = (System.nanoTime() - startNs) / 1e6;
        System.out.printf("decoded=%b ms=%.0f mib=%d%n", decoded, ms, Memory.peak() - before >> 20);
    }

    /** Whether there are pixels. */
    public static boolean decode(byte[] body) {
        try (Mat encoded = new Mat(body);
                Mat pixels =
                        opencv_imgcodecs.imdecode(encoded, opencv_imgcodecs.IMREAD_COLOR_BGR)) {
            return !pixels.empty();
        } catch (RuntimeException e) {
            return false;
        }
    }
}
