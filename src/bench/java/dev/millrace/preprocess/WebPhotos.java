package dev.millrace.preprocess;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * JPEGs of the sizes that the web has, made of the demo's photos: a part of a photo, 300 to 2000
 * pixels wide, quality 75 to 90, chroma halved both ways. The same for the same seed.
 */
final class WebPhotos {
    private static final List<String> ORIGINALS =
            List.of(
                    "original-640x427-china.jpg",
                    "photo-1200x675-osprey.jpg",
                    "photo-1600x900-otters.jpg",
                    "photo-1920x1080-lake.jpg",
                    "photo-2000x1400-city-night.jpg",
                    "photo-512x512-astronaut.jpg",
                    "photo-600x400-coffee.jpg",
                    "photo-640x480-flowers-444.jpg",
                    "photo-683x1024-dogs.jpg");

    /** Enlarged more, a photo would have too little detail for its size. */
    private static final double MOST_ENLARGED = 1.25;

    static {
        OpenCv.load();
    }

    private WebPhotos() {}

    static List<byte[]> make(int count, long seed) {
        return make(count, seed, false);
    }

    static List<byte[]> make(int count, long seed, boolean progressive) {
        List<Mat> originals = ORIGINALS.stream().map(WebPhotos::decoded).toList();
        Random random = new Random(seed);
        List<byte[]> made = new ArrayList<>();
        while (made.size() < count) {
            Mat original = originals.get(random.nextInt(originals.size()));
            int width = random.nextInt(300, 2001);
            double part = random.nextDouble(0.6, 1);
            Rect cut = cut(original, part, random);
            int quality = random.nextInt(75, 91);
            if (width <= cut.width() * MOST_ENLARGED) {
                made.add(encoded(new Mat(original, cut), width, quality, progressive));
            }
        }
        originals.forEach(Mat::close);
        return made;
    }

    private static Rect cut(Mat original, double part, Random random) {
        int width = (int) (original.cols() * part);
        int height = (int) (original.rows() * part);
        return new Rect(
                random.nextInt(original.cols() - width),
                random.nextInt(original.rows() - height),
                width,
                height);
    }

    private static byte[] encoded(Mat part, int width, int quality, boolean progressive) {
        int height = Math.max(1, part.rows() * width / part.cols());
        try (Mat scaled = new Mat();
                BytePointer bytes = new BytePointer();
                IntPointer flags =
                        new IntPointer(
                                opencv_imgcodecs.IMWRITE_JPEG_QUALITY,
                                quality,
                                opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE,
                                progressive ? 1 : 0)) {
            opencv_imgproc.resize(
                    part,
                    scaled,
                    new Size(width, height),
                    0,
                    0,
                    width < part.cols() ? opencv_imgproc.INTER_AREA : opencv_imgproc.INTER_CUBIC);
            opencv_imgcodecs.imencode(".jpg", scaled, bytes, flags);
            byte[] jpeg = new byte[(int) bytes.limit()];
            bytes.get(jpeg);
            return jpeg;
        } finally {
            part.close();
        }
    }

    private static Mat decoded(String name) {
        byte[] jpeg = resource("/dev/millrace/verify/photos/" + name);
        try (BytePointer bytes = new BytePointer(jpeg);
                Mat view = new Mat(1, jpeg.length, opencv_core.CV_8UC1, bytes)) {
            return opencv_imgcodecs.imdecode(view, opencv_imgcodecs.IMREAD_COLOR_BGR);
        }
    }

    private static byte[] resource(String name) {
        try (InputStream in = WebPhotos.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
