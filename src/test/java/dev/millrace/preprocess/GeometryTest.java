package dev.millrace.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.api.Placement;
import dev.millrace.api.ResizeRule;
import dev.millrace.api.ResizeRule.Alignment;
import dev.millrace.api.ResizeRule.Border;
import dev.millrace.api.ResizeRule.Crop;
import dev.millrace.api.ResizeRule.Letterbox;
import dev.millrace.api.ResizeRule.Stretch;
import dev.millrace.api.ResizeRule.StretchCrop;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Where images lie in inputs, by hand, and what holds for any image, input and rule. */
class GeometryTest {
    private static Geometry of(ResizeRule rule, int width, int height, int inputWidth, int input) {
        return Geometry.of(rule, width, height, inputWidth, input);
    }

    @Test
    void stretchedAndThenCropped() {
        Geometry geometry = of(new StretchCrop(256, 240), 1000, 500, 224, 224);
        assertEquals(new Geometry(256, 240, -16, -8), geometry);
        assertEquals(new Resizer.Window(256, 240, 16, 8, 224, 224), geometry.shown(224, 224));
        // The middle of the input is the middle of the image: 112 + 16 of 256, 112 + 8 of 240.
        Placement placement = geometry.placement(1000, 500);
        assertEquals(500, placement.imageX(112), 1e-9);
        assertEquals(250, placement.imageY(112), 1e-9);
        assertEquals(1000 * 16 / 256.0, placement.imageX(0), 1e-9);
        assertEquals(500 * 232 / 240.0, placement.imageY(224), 1e-9);
        assertEquals(
                of(new Stretch(), 70, 50, 30, 20), of(new StretchCrop(30, 20), 70, 50, 30, 20));
    }

    /** As DETR does it: 480 becomes 800, but 640 of 1920 would make 2400 of the other. */
    @Test
    void theRatioIsKeptAndTheRightFilled() {
        Letterbox rule = new Letterbox(Alignment.TOP_LEFT, 0, true, 800);
        Geometry bySides = of(rule, 640, 480, 1333, 1333);
        assertEquals(new Geometry(1067, 800, 0, 0), bySides);
        assertEquals(new Resizer.Window(1067, 800, 0, 0, 1067, 800), bySides.shown(1333, 1333));
        assertEquals(new Geometry(1333, 444, 0, 0), of(rule, 1920, 640, 1333, 1333));
        Placement placement = bySides.placement(640, 480);
        assertEquals(0, placement.imageX(0));
        assertEquals(640, placement.imageX(1067), 1e-9);
        assertEquals(480, placement.imageY(800), 1e-9);
        assertEquals(
                new Geometry(320, 100, 0, 0),
                of(new Letterbox(Alignment.TOP_LEFT, 0, true), 1600, 500, 320, 320));
    }

    /** timm's crop_mode border at crop_pct 0.875: 256 for the long side, of which 224 are seen. */
    @Test
    void fittedAndThenCroppedWithABorder() {
        Geometry geometry = of(new Border(256, 256, 0x7c746b), 1024, 640, 224, 224);
        assertEquals(new Geometry(256, 160, -16, 32), geometry);
        assertEquals(new Resizer.Window(256, 160, 16, 0, 224, 160), geometry.shown(224, 224));
        Placement placement = geometry.placement(1024, 640);
        assertEquals(64, placement.imageX(0), 1e-9);
        assertEquals(960, placement.imageX(224), 1e-9);
        assertEquals(0, placement.imageY(32), 1e-9);
        assertEquals(640, placement.imageY(192), 1e-9);
        // At crop_pct 1.12 all of it is seen, and a border all around.
        assertEquals(
                new Geometry(200, 125, 12, 49), of(new Border(200, 200, 0), 1024, 640, 224, 224));
    }

    @Test
    void aCropOfLessThanTheInputHasABorder() {
        Geometry geometry = of(new Crop(200, 0), 300, 250, 224, 224);
        assertEquals(new Geometry(240, 200, -8, 12), geometry);
        assertEquals(new Resizer.Window(240, 200, 8, 0, 224, 200), geometry.shown(224, 224));
        assertEquals(300 * 8 / 240.0, geometry.placement(300, 250).imageX(0), 1e-9);
        assertEquals(0, geometry.placement(300, 250).imageY(12), 1e-9);
        // An odd rest: the lesser half goes before, as torchvision pads.
        assertEquals(new Geometry(201, 201, 11, 11), of(new Crop(201, 0), 99, 99, 224, 224));
    }

    private static ResizeRule random(Random random, int width, int height) {
        int side = 1 + random.nextInt(500);
        return switch (random.nextInt(6)) {
            case 0 -> new Stretch();
            case 1 -> new StretchCrop(width + random.nextInt(99), height + random.nextInt(99));
            case 2 -> new Crop(side, 0);
            case 3 -> new Letterbox(Alignment.CENTER, 0, random.nextBoolean());
            case 4 -> new Letterbox(Alignment.TOP_LEFT, 0, random.nextBoolean(), side);
            default -> new Border(side, 1 + random.nextInt(500), 0);
        };
    }

    /**
     * What is shown is inside of the image and of the input and fills it as far as the image goes;
     * any box inside of what is shown lies inside of the image, and is found where it was.
     */
    @Test
    void whatIsShownIsInsideAndBoxesComeBack() {
        long seed = Long.getLong("millrace.seed", System.nanoTime());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 200_000; i++) {
            int width = side(random, 20_000);
            int height = side(random, 20_000);
            int inputWidth = side(random, 1000);
            int inputHeight = side(random, 1000);
            ResizeRule rule = random(random, inputWidth, inputHeight);
            String title =
                    "%s of %dx%d in %dx%d".formatted(rule, width, height, inputWidth, inputHeight);
            Geometry geometry = of(rule, width, height, inputWidth, inputHeight);
            Resizer.Window shown = geometry.shown(inputWidth, inputHeight);
            int left = Math.max(0, geometry.left());
            int top = Math.max(0, geometry.top());
            assertTrue(left + shown.width() <= inputWidth, title);
            assertTrue(top + shown.height() <= inputHeight, title);
            boolean wide = shown.width() == inputWidth || shown.width() == geometry.fullWidth();
            boolean high = shown.height() == inputHeight || shown.height() == geometry.fullHeight();
            assertTrue(wide && high, title);
            Placement placement = geometry.placement(width, height);
            for (double part : List.of(0.0, random.nextDouble(), 1.0)) {
                double x = left + part * shown.width();
                double y = top + part * shown.height();
                double imageX = placement.imageX(x);
                double imageY = placement.imageY(y);
                assertTrue(imageX >= -1e-6 && imageX <= width + 1e-6, title);
                assertTrue(imageY >= -1e-6 && imageY <= height + 1e-6, title);
                assertEquals(x, imageX * placement.scaleX() + placement.offsetX(), 1e-6, title);
                assertEquals(y, imageY * placement.scaleY() + placement.offsetY(), 1e-6, title);
            }
        }
    }

    private static int side(Random random, int most) {
        return (int) Math.round(Math.exp(random.nextDouble(Math.log(most))));
    }
}
