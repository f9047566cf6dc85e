package dev.millrace.lab.bench;

import dev.millrace.lab.demo.PhotoHost;
import dev.millrace.nativelib.NativeFolder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * JPEGs of the sizes and qualities that the web has, made from the shipped photos: 300 to 2000
 * pixels wide, quality 75 to 90, some of them progressive. The same seed gives the same photos.
 */
final class WebPhotos {
    private static final int MIN_WIDTH = 300;
    private static final int MAX_WIDTH = 2000;
    private static final int MIN_QUALITY = 75;
    private static final int MAX_QUALITY = 90;

    private static final int LARGE_WIDTH = 4000;
    private static final int LARGE_HEIGHT = 3000;

    static {
        NativeFolder.useForJavaCpp();
    }

    private WebPhotos() {}

    /** PNGs of 12 megapixels, made from the shipped photos. */
    static List<byte[]> large(int count) {
        PhotoHost shipped = PhotoHost.shipped();
        return shipped.names().stream()
                .filter(name -> name.startsWith("photo-"))
                .limit(count)
                .map(name -> large(shipped.bytes(name)))
                .toList();
    }

    private static byte[] large(byte[] source) {
        try (Mat encoded = new Mat(source);
                Mat full = opencv_imgcodecs.imdecode(encoded, opencv_imgcodecs.IMREAD_COLOR);
                Size size = new Size(LARGE_WIDTH, LARGE_HEIGHT);
                Mat scaled = new Mat();
                BytePointer out = new BytePointer()) {
            opencv_imgproc.resize(full, scaled, size, 0, 0, opencv_imgproc.INTER_LINEAR);
            opencv_imgcodecs.imencode(".png", scaled, out);
            return bytes(out);
        }
    }

    private static byte[] bytes(BytePointer encoded) {
        byte[] bytes = new byte[(int) encoded.limit()];
        encoded.get(bytes);
        return bytes;
    }

    /**
     * @param progressiveShare 0 to 1; sizes, qualities and pixels do not depend on it, and what is
     *     progressive with one share is with every larger one
     */
    static List<byte[]> make(int count, long seed, double progressiveShare) {
        PhotoHost shipped = PhotoHost.shipped();
        List<String> names =
                shipped.names().stream().filter(name -> name.startsWith("photo-")).toList();
        Set<Integer> progressive = progressive(count, seed, progressiveShare);
        Random random = new Random(seed);
        List<byte[]> photos = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            byte[] source = shipped.bytes(names.get(i % names.size()));
            int width = random.nextInt(MIN_WIDTH, MAX_WIDTH + 1);
            int quality = random.nextInt(MIN_QUALITY, MAX_QUALITY + 1);
            photos.add(photo(source, width, quality, progressive.contains(i)));
        }
        return photos;
    }

    /** Drawn by themselves, so that the other draws stay what they were. */
    private static Set<Integer> progressive(int count, long seed, double share) {
        List<Integer> positions = new ArrayList<>(IntStream.range(0, count).boxed().toList());
        Collections.shuffle(positions, new Random(seed));
        return new HashSet<>(positions.subList(0, (int) Math.round(count * share)));
    }

    private static byte[] photo(byte[] source, int width, int quality, boolean progressive) {
        try (Mat encoded = new Mat(source);
                Mat full = opencv_imgcodecs.imdecode(encoded, opencv_imgcodecs.IMREAD_COLOR);
                Size size = new Size(width, Math.max(1, full.rows() * width / full.cols()));
                Mat scaled = new Mat();
                BytePointer out = new BytePointer();
                IntPointer settings =
                        new IntPointer(
                                opencv_imgcodecs.IMWRITE_JPEG_QUALITY,
                                quality,
                                opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE,
                                progressive ? 1 : 0)) {
            opencv_imgproc.resize(full, scaled, size, 0, 0, opencv_imgproc.INTER_AREA);
            opencv_imgcodecs.imencode(".jpg", scaled, out, settings);
            return bytes(out);
        }
    }
}
