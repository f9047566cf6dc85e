package dev.millrace.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** The reference outputs, and the inputs that they belong to. */
public final class Golden {
    public static final Path ENGINES = Path.of("engines");
    public static final Path TEST_ENGINES = Path.of("src/test/resources/engines");
    private static final Path PHOTOS = Path.of("src/main/resources/dev/millrace/verify/photos");

    private Golden() {}

    /** What golden.json holds of a model. */
    public static JsonNode model(String name) throws IOException {
        JsonNode golden =
                new ObjectMapper().readTree(Path.of("src/test/resources/golden.json").toFile());
        return golden.path("models").path(name);
    }

    /** Image {@code n} of the pattern, {@code uint8 [height, width, 3]}. */
    public static byte[] pattern(int n, int height, int width) {
        byte[] pixels = new byte[height * width * 3];
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    pixels[at++] = (byte) (n * 15485863L + c * 7919L + y * 104729L + x * 1299709L);
                }
            }
        }
        return pixels;
    }

    /** A photo of the demo, {@code uint8 [height, width, 3]} in RGB. */
    public static Photo photo(String name) throws IOException {
        Raster raster = ImageIO.read(PHOTOS.resolve(name).toFile()).getRaster();
        byte[] pixels = new byte[raster.getWidth() * raster.getHeight() * 3];
        int[] values = raster.getPixels(0, 0, raster.getWidth(), raster.getHeight(), (int[]) null);
        int bands = raster.getNumBands();
        for (int i = 0; i < pixels.length; i++) {
            // Gray stands for all three.
            int band = bands < 3 ? 0 : i % 3;
            pixels[i] = (byte) values[i / 3 * bands + band];
        }
        return new Photo(raster.getWidth(), raster.getHeight(), pixels);
    }

    /** Pixels and their size. */
    public record Photo(int width, int height, byte[] pixels) {
        /** With the first and the third channel exchanged. */
        public Photo bgr() {
            byte[] exchanged = new byte[pixels.length];
            for (int i = 0; i < pixels.length; i++) {
                exchanged[i] = pixels[i + 2 - 2 * (i % 3)];
            }
            return new Photo(width, height, exchanged);
        }

        /** In the top left corner of something black. */
        public byte[] topLeftOf(int canvasWidth, int canvasHeight) {
            return at(0, 0, canvasWidth, canvasHeight);
        }

        /** At a place on something black. */
        public byte[] at(int left, int top, int canvasWidth, int canvasHeight) {
            byte[] canvas = new byte[canvasWidth * canvasHeight * 3];
            for (int y = 0; y < height; y++) {
                System.arraycopy(
                        pixels,
                        y * width * 3,
                        canvas,
                        ((y + top) * canvasWidth + left) * 3,
                        width * 3);
            }
            return canvas;
        }
    }

    /** A copy of a bundle whose model.yaml the caller has changed. */
    public static Path copy(Path bundle, Path directory, String from, String to)
            throws IOException {
        Files.createDirectories(directory);
        for (String name : new String[] {"model.onnx", "model.yaml", "labels.txt"}) {
            if (Files.exists(bundle.resolve(name))) {
                Files.copy(bundle.resolve(name), directory.resolve(name));
            }
        }
        Path yaml = directory.resolve("model.yaml");
        String text = Files.readString(yaml);
        if (!text.contains(from)) {
            throw new IllegalArgumentException(yaml + " does not hold " + from);
        }
        Files.writeString(yaml, text.replace(from, to));
        return directory;
    }
}
