package dev.millrace.preprocess;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.api.ColorOrder;
import dev.millrace.api.Fidelity;
import dev.millrace.api.InputTensor;
import dev.millrace.api.ResizeRule;
import dev.millrace.image.ImageGate;
import dev.millrace.image.ImageLimits;
import dev.millrace.image.ProgressiveJpegs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is left out of progressive photos changes a model's input less than reducing them does. */
class ProgressivePhotosTest {
    private static final ImageGate GATE = new ImageGate(ImageLimits.DEFAULT);
    private static final int SIDE = 224;

    private static final List<String> PHOTOS =
            List.of(
                    "photo-1200x675-osprey.jpg",
                    "photo-1600x900-otters.jpg",
                    "photo-1920x1080-lake.jpg",
                    "photo-2000x1400-city-night.jpg");

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment row = arena.allocate(3L * SIDE * SIDE);

    @AfterEach
    void free() {
        arena.close();
    }

    @ParameterizedTest
    @CsvSource({
        "700, 480, 75",
        "700, 480, 85",
        "700, 480, 95",
        "1300, 910, 60",
        "1300, 910, 75",
        "1300, 910, 85",
        "1300, 910, 95"
    })
    void whatIsLeftOutChangesLessThanReducingDoes(int width, int height, int quality)
            throws Exception {
        double leftOut = 0;
        double reduced = 0;
        for (String name : PHOTOS) {
            byte[] photo = ProgressiveJpegs.encoded(name, width, height, quality);
            byte[] whole = ProgressiveJpegs.withLateTables(photo);
            byte[] fast = fitted(whole, Fidelity.FAST);
            double changed = levels(fast, fitted(photo, Fidelity.FAST));
            assertTrue(changed > 0, name + ": nothing was left out");
            leftOut += changed;
            reduced += levels(fast, fitted(whole, Fidelity.EXACT));
        }
        assertTrue(leftOut < reduced, leftOut / 4 + " levels of " + reduced / 4);
    }

    @ParameterizedTest
    @EnumSource(names = {"HIGH", "EXACT"})
    void nothingIsLeftOutOfWhatMustBeBetter(Fidelity fidelity) throws Exception {
        byte[] photo = ProgressiveJpegs.encoded(PHOTOS.getFirst(), 1300, 910, 85);
        byte[] whole = ProgressiveJpegs.withLateTables(photo);
        assertArrayEquals(fitted(whole, fidelity), fitted(photo, fidelity));
    }

    private byte[] fitted(byte[] photo, Fidelity fidelity) throws Exception {
        try (DecodedImage image =
                new DecodedImage(ColorOrder.RGB, fidelity, DecodeBudget.unlimited())) {
            image.show(photo, GATE.inspect(photo));
            image.fit(new ResizeRule.Stretch(), new InputTensor(0, SIDE, SIDE, row));
            image.forget();
        }
        return row.toArray(ValueLayout.JAVA_BYTE);
    }

    private static double levels(byte[] expected, byte[] found) {
        double sum = 0;
        for (int i = 0; i < expected.length; i++) {
            sum += Math.abs((expected[i] & 0xFF) - (found[i] & 0xFF));
        }
        return sum / expected.length;
    }
}
