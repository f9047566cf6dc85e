package dev.millrace.lab.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.api.ColorOrder;
import dev.millrace.api.Image;
import dev.millrace.api.ImageInfo;
import dev.millrace.api.InputTensor;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import dev.millrace.job.FailureException;
import dev.millrace.preprocess.ImagePreprocessor;
import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * Draws what a model said onto the image: boxes with their labels, the map of classes, and a line
 * with the label below. Used by one thread.
 */
final class VerdictPicture implements AutoCloseable {
    private static final int LINE = 28;
    private static final float OVERLAY = 0.45f;
    private static final int SHOWN = 3;

    /** Okabe and Ito's, which most eyes tell apart. */
    private static final Color[] COLORS = {
        new Color(0xE69F00),
        new Color(0x56B4E9),
        new Color(0x009E73),
        new Color(0xF0E442),
        new Color(0x0072B2),
        new Color(0xD55E00),
        new Color(0xCC79A7)
    };

    private final Copy copy;
    private final ImagePreprocessor decoder;

    VerdictPicture(ModelSpec spec) {
        this.copy = new Copy(spec);
        this.decoder = new ImagePreprocessor(copy);
    }

    /** Keeps the whole image, as the worker decodes it, instead of resizing it. */
    private static final class Copy extends VisionModule {
        private BufferedImage image;

        Copy(ModelSpec spec) {
            super(spec);
        }

        @Override
        public Placement preprocess(Image source, InputTensor input) {
            image = new BufferedImage(source.width(), source.height(), BufferedImage.TYPE_INT_RGB);
            MemorySegment pixels = source.pixels();
            boolean bgr = spec().colorOrder() == ColorOrder.BGR;
            for (int y = 0; y < source.height(); y++) {
                for (int x = 0; x < source.width(); x++) {
                    long at = y * source.rowBytes() + 3L * x;
                    int first = pixels.get(ValueLayout.JAVA_BYTE, at) & 0xff;
                    int second = pixels.get(ValueLayout.JAVA_BYTE, at + 1) & 0xff;
                    int third = pixels.get(ValueLayout.JAVA_BYTE, at + 2) & 0xff;
                    int red = bgr ? third : first;
                    image.setRGB(x, y, red << 16 | second << 8 | (bgr ? first : third));
                }
            }
            return new Placement(1, 1, 0, 0);
        }

        @Override
        public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
            throw new UnsupportedOperationException("only the image is wanted");
        }
    }

    /**
     * @param result as it goes to a callback
     */
    void draw(byte[] body, JsonNode result, Path file) throws FailureException, IOException {
        decoder.preprocess(body, null);
        BufferedImage photo = copy.image;
        BufferedImage picture =
                new BufferedImage(
                        photo.getWidth(), photo.getHeight() + LINE, BufferedImage.TYPE_INT_RGB);
        Graphics2D all = picture.createGraphics();
        try {
            all.setRenderingHint(
                    RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            all.drawImage(photo, 0, 0, null);
            mask(all, result.path("mask"), photo);
            int color = 0;
            for (JsonNode box : result.path("boxes")) {
                box(all, box, "", COLORS[color++ % COLORS.length], photo);
            }
            for (JsonNode box : result.path("detections")) {
                String label = box.path("label").asText();
                Color own = COLORS[Math.floorMod(label.hashCode(), COLORS.length)];
                box(all, box, label, own, photo);
            }
            below(all, result, photo);
        } finally {
            all.dispose();
        }
        ImageIO.write(picture, "png", file.toFile());
    }

    private static void box(
            Graphics2D all, JsonNode found, String label, Color color, BufferedImage photo) {
        JsonNode box = found.path("box");
        int left = (int) Math.round(box.path(0).asDouble());
        int top = (int) Math.round(box.path(1).asDouble());
        int width = (int) Math.round(box.path(2).asDouble()) - left;
        int height = (int) Math.round(box.path(3).asDouble()) - top;
        int side = Math.max(photo.getWidth(), photo.getHeight());
        all.setColor(color);
        all.setStroke(new BasicStroke(Math.max(2, side / 300f)));
        all.drawRect(left, top, width, height);
        if (!label.isEmpty()) {
            String text =
                    String.format(Locale.ROOT, "%s %.2f", label, found.path("score").asDouble());
            all.setFont(new Font(Font.SANS_SERIF, Font.BOLD, Math.max(12, side / 50)));
            int textHeight = all.getFontMetrics().getHeight();
            int textTop = Math.max(0, top - textHeight);
            all.fillRect(left, textTop, all.getFontMetrics().stringWidth(text) + 6, textHeight);
            all.setColor(Color.BLACK);
            all.drawString(text, left + 3, textTop + all.getFontMetrics().getAscent());
        }
    }

    private static void mask(Graphics2D all, JsonNode mask, BufferedImage photo) {
        if (mask.isMissingNode()) {
            return;
        }
        int width = mask.path("width").asInt();
        BufferedImage map =
                new BufferedImage(width, mask.path("height").asInt(), BufferedImage.TYPE_INT_ARGB);
        int at = 0;
        JsonNode runs = mask.path("runs");
        for (int run = 0; run + 1 < runs.size(); run += 2) {
            int kind = runs.get(run).asInt();
            int color = kind < 0 ? 0 : COLORS[kind % COLORS.length].getRGB();
            for (int end = at + runs.get(run + 1).asInt(); at < end; at++) {
                map.setRGB(at % width, at / width, color);
            }
        }
        all.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, OVERLAY));
        all.drawImage(map, 0, 0, photo.getWidth(), photo.getHeight(), null);
        all.setComposite(AlphaComposite.SrcOver);
    }

    private static void below(Graphics2D all, JsonNode result, BufferedImage photo) {
        StringBuilder text = new StringBuilder(result.path("label").asText(""));
        Stream.of("scores", "shares")
                .flatMap(field -> result.path(field).properties().stream())
                .sorted(Comparator.comparingDouble(one -> -one.getValue().asDouble()))
                .limit(SHOWN)
                .forEach(
                        one ->
                                text.append(
                                        String.format(
                                                Locale.ROOT,
                                                "   %s %.3f",
                                                one.getKey(),
                                                one.getValue().asDouble())));
        all.setColor(Color.WHITE);
        all.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, LINE / 2));
        all.drawString(text.toString(), 6, photo.getHeight() + LINE * 2 / 3);
    }

    @Override
    public void close() {
        decoder.close();
    }
}
