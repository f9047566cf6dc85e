package dev.millrace.image;

import static dev.millrace.image.TestImages.concat;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/** Progressive JPEGs of photos, encoded here, and their scans to be put together otherwise. */
public final class ProgressiveJpegs {
    private ProgressiveJpegs() {}

    /** One of each sampling, by name, of these sides. */
    public static Map<String, byte[]> all(int width, int height) {
        String photo = "photo-1200x675-osprey.jpg";
        int restarts = opencv_imgcodecs.IMWRITE_JPEG_RST_INTERVAL;
        Map<String, byte[]> all = new LinkedHashMap<>();
        all.put("4:4:4", encoded(photo, width, height, 85, 0x111111));
        all.put("4:2:2", encoded(photo, width, height, 85, 0x211111));
        all.put("4:4:0", encoded(photo, width, height, 85, 0x121111));
        all.put("4:2:0", encoded(photo, width, height, 85, 0x221111));
        all.put("4:1:1", encoded(photo, width, height, 85, 0x411111));
        all.put("restarts", encoded(photo, width, height, 85, 0x221111, restarts, 3));
        all.put("gray", byOther(scaled(gray(photo), width, height, 1), 1));
        all.put("four components", byOther(scaled(gray(photo), width, height, 4), 4));
        return all;
    }

    /** 4:2:0. */
    public static byte[] encoded(String photo, int width, int height, int quality) {
        return encoded(photo, width, height, quality, 0x221111);
    }

    private static byte[] encoded(
            String photo, int width, int height, int quality, int sampling, int... more) {
        byte[] jpeg = TestImages.photo(photo);
        int[] all = Arrays.copyOf(more, more.length + 6);
        all[more.length] = opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE;
        all[more.length + 1] = 1;
        all[more.length + 2] = opencv_imgcodecs.IMWRITE_JPEG_QUALITY;
        all[more.length + 3] = quality;
        all[more.length + 4] = opencv_imgcodecs.IMWRITE_JPEG_SAMPLING_FACTOR;
        all[more.length + 5] = sampling;
        try (BytePointer bytes = new BytePointer(jpeg);
                Mat view = new Mat(1, jpeg.length, opencv_core.CV_8UC1, bytes);
                Mat pixels = opencv_imgcodecs.imdecode(view, opencv_imgcodecs.IMREAD_COLOR_BGR);
                Mat scaled = new Mat();
                Size size = new Size(width, height);
                BytePointer encoded = new BytePointer();
                IntPointer options = new IntPointer(all)) {
            opencv_imgproc.resize(pixels, scaled, size, 0, 0, opencv_imgproc.INTER_AREA);
            opencv_imgcodecs.imencode(".jpg", scaled, encoded, options);
            byte[] body = new byte[(int) encoded.limit()];
            encoded.get(body);
            return body;
        }
    }

    private static Raster gray(String photo) {
        try {
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(TestImages.photo(photo)));
            return image.getRaster();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static WritableRaster scaled(Raster from, int width, int height, int bands) {
        WritableRaster to =
                Raster.createInterleavedRaster(
                        java.awt.image.DataBuffer.TYPE_BYTE, width, height, bands, null);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int atX = x * from.getWidth() / width;
                int atY = y * from.getHeight() / height;
                for (int band = 0; band < bands; band++) {
                    to.setSample(x, y, band, from.getSample(atX, atY, band % 3));
                }
            }
        }
        return to;
    }

    /** By the JDK's encoder, which takes pixels of any number of components. */
    private static byte[] byOther(WritableRaster pixels, int bands) {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ImageWriteParam parameters = writer.getDefaultWriteParam();
        parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(encoded)) {
            writer.setOutput(out);
            IIOImage image =
                    bands == 1
                            ? new IIOImage(grayImage(pixels), null, null)
                            : new IIOImage(pixels, null, null);
            writer.write(null, image, parameters);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return encoded.toByteArray();
    }

    private static BufferedImage grayImage(WritableRaster pixels) {
        BufferedImage image =
                new BufferedImage(
                        pixels.getWidth(), pixels.getHeight(), BufferedImage.TYPE_BYTE_GRAY);
        image.setData(pixels);
        return image;
    }

    /**
     * The segments from the start on, each scan with its data; the first is the start of the image
     * and the last its end.
     */
    public static List<byte[]> segments(byte[] jpeg) {
        List<byte[]> segments = new ArrayList<>();
        segments.add(Arrays.copyOf(jpeg, 2));
        int at = 2;
        while ((jpeg[at + 1] & 0xFF) != JpegMarkers.EOI) {
            int end = at + 2 + Bytes.u16be(jpeg, at + 2);
            if ((jpeg[at + 1] & 0xFF) == JpegMarkers.SOS) {
                end = JpegMarkers.endOfScan(jpeg, end);
            }
            segments.add(Arrays.copyOfRange(jpeg, at, end));
            at = end;
        }
        segments.add(Arrays.copyOfRange(jpeg, at, at + 2));
        return segments;
    }

    public static boolean isScan(byte[] segment) {
        return is(segment, JpegMarkers.SOS);
    }

    private static boolean is(byte[] segment, int code) {
        return (segment[1] & 0xFF) == code;
    }

    public static byte[] joined(List<byte[]> segments) {
        return concat(segments.toArray(byte[][]::new));
    }

    /** The same picture, in a way that encoders do not write: its tables come once more, late. */
    public static byte[] withLateTables(byte[] jpeg) {
        List<byte[]> segments = segments(jpeg);
        List<byte[]> tables =
                segments.stream().filter(segment -> is(segment, JpegMarkers.DQT)).toList();
        segments.addAll(segments.size() - 1, tables);
        return joined(segments);
    }
}
