package dev.millrace.source;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {
    @ParameterizedTest
    @CsvSource({"1, 100", "2, 200", "3, 400", "6, 3200", "7, 4000", "1000000, 4000"})
    void doublesUpToFourSeconds(int failures, long wholeMs) {
        long wholeNs = TimeUnit.MILLISECONDS.toNanos(wholeMs);
        for (int i = 0; i < 100; i++) {
            long delayNs = Backoff.delayNs(failures);
            assertTrue(delayNs >= wholeNs / 2 && delayNs <= wholeNs, delayNs + " ns");
        }
    }
}
