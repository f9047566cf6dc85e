package dev.millrace.preprocess;

import dev.millrace.api.ColorOrder;
import dev.millrace.api.Fidelity;
import dev.millrace.image.ImageGate;
import dev.millrace.image.ImageHeader;
import dev.millrace.image.ImageLimits;
import dev.millrace.image.TestImages;
import dev.millrace.testing.Memory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Lossless WebPs of 12 megapixels in a process of its own: makes one of a photo, or decodes one on
 * several threads at once that share a budget, and says what that took.
 */
public final class LosslessPhotosRun {
    private static final int WIDTH = 4000;
    private static final int HEIGHT = 3000;
    private static final int LOSSLESS = 101;

    private LosslessPhotosRun() {}

    /**
     * @param arguments {@code make} and the file, or the file, how many threads and the budget
     */
    public static void main(String... arguments) throws Exception {
        OpenCv.load();
        if (arguments[0].equals("make")) {
            Files.write(Path.of(arguments[1]), made());
        } else {
            decode(
                    Files.readAllBytes(Path.of(arguments[0])),
                    Integer.parseInt(arguments[1]),
                    Long.parseLong(arguments[2]));
        }
    }

    private static byte[] made() {
        byte[] photo = TestImages.photo("photo-2000x1400-city-night.jpg");
        try (Mat encoded = new Mat(photo);
                Mat small = opencv_imgcodecs.imdecode(encoded, opencv_imgcodecs.IMREAD_COLOR_BGR);
                Mat large = new Mat();
                Size size = new Size(WIDTH, HEIGHT);
                BytePointer out = new BytePointer();
                IntPointer lossless =
                        new IntPointer(opencv_imgcodecs.IMWRITE_WEBP_QUALITY, LOSSLESS)) {
            opencv_imgproc.resize(small, large, size, 0, 0, opencv_imgproc.INTER_NEAREST);
            opencv_imgcodecs.imencode(".webp", large, out, lossless);
            byte[] body = new byte[(int) out.limit()];
            out.get(body);
            return body;
        }
    }

    private static void decode(byte[] body, int threads, long capacity) throws Exception {
        ImageHeader header = new ImageGate(ImageLimits.DEFAULT).inspect(body);
        DecodeBudget budget = new DecodeBudget(capacity);
        CyclicBarrier together = new CyclicBarrier(threads);
        AtomicInteger decoded = new AtomicInteger();
        List<Thread> all = new ArrayList<>();
        Memory.resetPeak();
        long before = Memory.resident();
        for (int i = 0; i < threads; i++) {
            all.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try (DecodedImage image =
                                                new DecodedImage(
                                                        ColorOrder.RGB, Fidelity.EXACT, budget)) {
                                            image.show(body, header);
                                            together.await();
                                            long bytes = image.pixels().byteSize();
                                            // None gives back before the last is done.
                                            together.await();
                                            decoded.addAndGet(bytes == 3L * WIDTH * HEIGHT ? 1 : 0);
                                            image.forget();
                                        } catch (Exception e) {
                                            throw new IllegalStateException(e);
                                        }
                                    }));
        }
        for (Thread thread : all) {
            thread.join();
        }
        System.out.printf(
                "encoded=%d reserved=%d decoded=%d waits=%d taken=%d%n",
                body.length,
                ImageDecoder.bytes(body.length, header, 1),
                decoded.get(),
                budget.waits(),
                Memory.peak() - before);
    }
}
