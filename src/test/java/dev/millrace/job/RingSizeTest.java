package dev.millrace.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RingSizeTest {
    private static final long SMALL = 150_528;

    @ParameterizedTest
    @CsvSource({
        "1, 1, 16",
        "2, 8, 32",
        "2, 32, 128",
        "3, 1, 32",
        "8, 8, 64",
        "16, 8, 128",
        "64, 8, 512",
        "64, 32, 512",
        "64, 256, 1024",
        "96, 8, 1024"
    })
    void thereAreEightForEachThreadAndFourBatches(int threads, int maxBatch, int slots) {
        RingSize size = RingSize.of(threads, maxBatch, SMALL);
        assertEquals(slots, size.slots());
        assertEquals(Optional.empty(), size.reason());
    }

    @Test
    void largeRowsAreFewer() {
        // 640 x 640 pixels and a map of them, as a text detector has.
        long row = 640 * 640 * (3 + 4);
        RingSize size = RingSize.of(64, 8, row);
        assertEquals(256, size.slots());
        assertEquals(
                "the ring has 256 rows, since 512 rows would take 1400 MiB; some preprocess threads"
                        + " may have to wait while one image takes long",
                size.reason().orElseThrow());
        assertEquals(64, RingSize.of(2, 32, row).slots(), "two cores have less memory");
    }

    @Test
    void thereAreNeverFewerThanTwoBatches() {
        assertEquals(64, RingSize.of(2, 32, 1L << 30).slots());
    }
}
