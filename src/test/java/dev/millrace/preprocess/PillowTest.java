package dev.millrace.preprocess;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.api.ColorOrder;
import dev.millrace.api.Fidelity;
import dev.millrace.api.ImageInfo;
import dev.millrace.api.InputTensor;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.Normalization;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.ResizeFilter;
import dev.millrace.api.ResizeRule;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import dev.millrace.image.ImageGate;
import dev.millrace.image.ImageLimits;
import dev.millrace.image.TestImages;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Bicubic against what Pillow made of the same images; {@code pillow/reference.py} wrote that down.
 */
class PillowTest {
    @ParameterizedTest
    @EnumSource
    void bicubicIsPillowsWithinOneLevel(Resizers resizers) throws Exception {
        JsonNode reference = reference();
        long same = 0;
        long all = 0;
        for (JsonNode one : reference.get("cases")) {
            byte[] expected = Base64.getDecoder().decode(one.get("pixels").asText());
            byte[] found = resized(resizers, ResizeFilter.BICUBIC, one);
            for (int i = 0; i < expected.length; i++) {
                int level = Byte.toUnsignedInt(expected[i]);
                assertEquals(level, Byte.toUnsignedInt(found[i]), 1, title(one) + ", byte " + i);
                same += expected[i] == found[i] ? 1 : 0;
            }
            all += expected.length;
        }
        System.out.printf(
                "%s: %.2f %% of the bytes are those of Pillow %s, the others a level off%n",
                resizers, 100.0 * same / all, reference.get("pillow").asText());
    }

    /** Another filter would be seen in all but straight slopes and in what is a few pixels. */
    @Test
    void bilinearIsNotWithinOneLevel() throws Exception {
        for (JsonNode one : reference().get("cases")) {
            byte[] expected = Base64.getDecoder().decode(one.get("pixels").asText());
            byte[] found = resized(Resizers.JAVA, ResizeFilter.BILINEAR, one);
            int worst = 0;
            for (int i = 0; i < expected.length; i++) {
                int difference = Byte.toUnsignedInt(expected[i]) - Byte.toUnsignedInt(found[i]);
                worst = Math.max(worst, Math.abs(difference));
            }
            boolean alike =
                    one.get("source").equals(one.get("target"))
                            || one.get("pattern").asText().equals("ramp");
            assertTrue(worst > 1 || alike || expected.length < 400, title(one));
        }
    }

    /** A stage of a worker resizes with what model.yaml says. */
    @Test
    void theFilterIsTheModels() throws Exception {
        byte[] photo = TestImages.photo("exact-416x416-wren.png");
        List<byte[]> rows = new ArrayList<>();
        for (ResizeFilter filter : ResizeFilter.values()) {
            try (Arena arena = Arena.ofConfined();
                    ImagePreprocessor images = new ImagePreprocessor(new Fitting(filter))) {
                InputTensor input = new InputTensor(0, 50, 50, arena.allocate(3L * 50 * 50));
                images.preprocess(photo, input);
                rows.add(input.pixels().toArray(ValueLayout.JAVA_BYTE));
            }
            try (Arena arena = Arena.ofConfined();
                    DecodedImage image =
                            new DecodedImage(
                                    ColorOrder.RGB,
                                    Fidelity.EXACT,
                                    DecodeBudget.unlimited(),
                                    new JavaResizer(filter))) {
                InputTensor input = new InputTensor(0, 50, 50, arena.allocate(3L * 50 * 50));
                image.show(photo, new ImageGate(ImageLimits.DEFAULT).inspect(photo));
                image.fit(new ResizeRule.Stretch(), input);
                assertArrayEquals(input.pixels().toArray(ValueLayout.JAVA_BYTE), rows.getLast());
            }
        }
        assertFalse(Arrays.equals(rows.getFirst(), rows.getLast()));
    }

    private static final class Fitting extends VisionModule {
        Fitting(ResizeFilter filter) {
            super(
                    new ModelSpec(
                            "tiny",
                            "1",
                            "test",
                            50,
                            50,
                            new ResizeRule.Stretch(),
                            filter,
                            Fidelity.FAST,
                            ColorOrder.RGB,
                            new Normalization(1, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0)),
                            List.of(),
                            Map.of(),
                            Map.of(),
                            Optional.empty(),
                            Map.of()));
        }

        @Override
        public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
            return Verdict.unlabelled(Map.of());
        }
    }

    private static JsonNode reference() throws Exception {
        try (InputStream in = PillowTest.class.getResourceAsStream("/pillow/bicubic.json")) {
            return new ObjectMapper().readTree(in);
        }
    }

    private static String title(JsonNode one) {
        return one.get("pattern").asText() + " " + one.get("source") + " to " + one.get("target");
    }

    private static byte[] resized(Resizers resizers, ResizeFilter filter, JsonNode one) {
        int width = one.get("source").get(0).asInt();
        int height = one.get("source").get(1).asInt();
        int targetWidth = one.get("target").get(0).asInt();
        int targetHeight = one.get("target").get(1).asInt();
        try (Resizer resizer = resizers.create(filter);
                Arena arena = Arena.ofConfined()) {
            MemorySegment source =
                    arena.allocateFrom(
                            ValueLayout.JAVA_BYTE,
                            pixels(one.get("pattern").asText(), width, height));
            MemorySegment target = arena.allocate(3L * targetWidth * targetHeight);
            resizer.resize(
                    source,
                    width,
                    height,
                    3L * width,
                    Resizer.Window.whole(targetWidth, targetHeight),
                    target,
                    0,
                    3L * targetWidth);
            return target.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** As the script makes them. */
    private static byte[] pixels(String pattern, int width, int height) {
        byte[] pixels = new byte[3 * width * height];
        int state = 1;
        for (int i = 0; i < pixels.length; i++) {
            state = state * 1103515245 + 12345 & Integer.MAX_VALUE;
            int noise = state >> 16 & 0xFF;
            int channel = i % 3;
            int x = i / 3 % width;
            int y = i / 3 / width;
            pixels[i] =
                    (byte)
                            switch (pattern) {
                                case "noise" -> noise;
                                case "extremes" -> noise >= 0x80 ? 255 : 0;
                                case "blocks" -> (x / 5 + y / (4 + channel)) % 2 * 255;
                                case "ramp" -> 2 * x + 3 * y + 40 * channel;
                                default -> throw new AssertionError(pattern);
                            };
        }
        return pixels;
    }
}
