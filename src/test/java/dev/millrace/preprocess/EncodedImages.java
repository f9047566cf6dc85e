package dev.millrace.preprocess;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
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
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/** One image of each kind that the decoders treat differently, of any size, encoded here. */
public final class EncodedImages {
    static final int YUV_420 = 0x221111;
    private static final int YUV_444 = 0x111111;
    private static final int LOSSLESS = 101;

    /** Patches of one colour: like photos, and quick to encode. */
    private static final int PATCH = 16;

    static {
        OpenCv.load();
    }

    private final int width;
    private final int height;
    private final long seed;

    private EncodedImages(int width, int height, long seed) {
        this.width = width;
        this.height = height;
        this.seed = seed;
    }

    /** By name; the same for the same seed. */
    public static Map<String, byte[]> all(int width, int height, long seed) {
        return new EncodedImages(width, height, seed).all();
    }

    private Map<String, byte[]> all() {
        int bgr = opencv_core.CV_8UC3;
        int bgra = opencv_core.CV_8UC4;
        int sampling = opencv_imgcodecs.IMWRITE_JPEG_SAMPLING_FACTOR;
        int progressive = opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE;
        int restarts = opencv_imgcodecs.IMWRITE_JPEG_RST_INTERVAL;
        int quality = opencv_imgcodecs.IMWRITE_WEBP_QUALITY;
        Map<String, byte[]> images = new LinkedHashMap<>();
        images.put("baseline 4:4:4 JPEG", encode(".jpg", bgr, sampling, YUV_444));
        images.put("baseline 4:2:0 JPEG", encode(".jpg", bgr, sampling, YUV_420, restarts, 4));
        images.put("gray JPEG", encode(".jpg", opencv_core.CV_8UC1));
        images.put(
                "progressive 4:4:4 JPEG", encode(".jpg", bgr, sampling, YUV_444, progressive, 1));
        images.put(
                "progressive 4:2:0 JPEG", encode(".jpg", bgr, sampling, YUV_420, progressive, 1));
        images.put("RGB PNG", encode(".png", bgr));
        images.put("RGBA PNG", encode(".png", bgra));
        images.put("16 bit RGB PNG", encode(".png", opencv_core.CV_16UC3));
        images.put("16 bit RGBA PNG", encode(".png", opencv_core.CV_16UC4));
        images.put("palette PNG", write("png", picture(BufferedImage.TYPE_BYTE_INDEXED), false));
        images.put("1 bit PNG", write("png", picture(BufferedImage.TYPE_BYTE_BINARY), false));
        images.put("interlaced PNG", write("png", picture(BufferedImage.TYPE_3BYTE_BGR), true));
        images.put("lossy WebP", encode(".webp", bgr, quality, 50));
        images.put("lossy WebP with alpha", encode(".webp", bgra, quality, 50));
        images.put("lossless WebP", encode(".webp", bgr, quality, LOSSLESS));
        images.put("lossless WebP with alpha", encode(".webp", bgra, quality, LOSSLESS));
        images.put("GIF", write("gif", picture(BufferedImage.TYPE_BYTE_INDEXED), false));
        images.put("transparent GIF", write("gif", transparent(), false));
        return images;
    }

    private byte[] encode(String extension, int type, int... parameters) {
        boolean wide = opencv_core.CV_MAT_DEPTH(type) == opencv_core.CV_16U;
        try (Mat pixels = new Mat();
                Mat patches =
                        new Mat(Math.ceilDiv(height, PATCH), Math.ceilDiv(width, PATCH), type);
                Mat least = new Mat(1, 1, opencv_core.CV_64F, Scalar.all(0));
                Mat most = new Mat(1, 1, opencv_core.CV_64F, Scalar.all(wide ? 65_536 : 256));
                Size size = new Size(width, height);
                BytePointer encoded = new BytePointer();
                IntPointer options = new IntPointer(parameters)) {
            opencv_core.setRNGSeed((int) seed);
            opencv_core.randu(patches, least, most);
            opencv_imgproc.resize(patches, pixels, size, 0, 0, opencv_imgproc.INTER_NEAREST);
            if (!opencv_imgcodecs.imencode(extension, pixels, encoded, options)) {
                throw new IllegalStateException("OpenCV cannot write " + extension);
            }
            byte[] body = new byte[(int) encoded.limit()];
            encoded.get(body);
            return body;
        }
    }

    private BufferedImage picture(int type) {
        return painted(new BufferedImage(width, height, type));
    }

    private BufferedImage transparent() {
        byte[] ramp = new byte[16];
        for (int i = 0; i < ramp.length; i++) {
            ramp[i] = (byte) (16 * i);
        }
        IndexColorModel colours = new IndexColorModel(4, ramp.length, ramp, ramp, ramp, 3);
        return painted(new BufferedImage(width, height, BufferedImage.TYPE_BYTE_INDEXED, colours));
    }

    private static BufferedImage painted(BufferedImage image) {
        int bands = image.getSampleModel().getNumBands();
        int values = 1 << image.getColorModel().getPixelSize() / bands;
        int[] row = new int[bands * image.getWidth()];
        for (int y = 0; y < image.getHeight(); y++) {
            for (int i = 0; i < row.length; i++) {
                row[i] = (i / bands / PATCH * 7 + y / PATCH * 13 + i % bands * 5) % values;
            }
            image.getRaster().setPixels(0, y, image.getWidth(), 1, row);
        }
        return image;
    }

    private static byte[] write(String format, BufferedImage image, boolean interlaced) {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
        ImageWriteParam parameters = writer.getDefaultWriteParam();
        parameters.setProgressiveMode(
                interlaced ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(encoded)) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), parameters);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } finally {
            writer.dispose();
        }
        return encoded.toByteArray();
    }
}
