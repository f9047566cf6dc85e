package dev.millrace.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FetchLimitsTest {
    @Test
    void defaults() {
        assertEquals(
                new FetchLimits(
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(5),
                        20_971_520,
                        3,
                        FetchLimits.NO_CAP,
                        4096),
                FetchLimits.DEFAULTS);
        assertEquals(64, FetchLimits.DEFAULTS.withPerHost(64).perHost());
        assertEquals(Duration.ofSeconds(10), FetchLimits.DEFAULTS.http(4).call());
    }

    @Test
    void namesTheKeyThatIsWrong() {
        Duration second = Duration.ofSeconds(1);

        wrong("fetch.timeout", () -> new FetchLimits(Duration.ZERO, second, second, 1, 0, 1, 1));
        wrong(
                "fetch.connectTimeout",
                () -> new FetchLimits(second, Duration.ZERO, second, 1, 0, 1, 1));
        wrong(
                "fetch.readTimeout",
                () -> new FetchLimits(second, second, Duration.ZERO, 1, 0, 1, 1));
        wrong("fetch.maxBytes", () -> new FetchLimits(second, second, second, 0, 0, 1, 1));
        wrong("fetch.maxRedirects", () -> new FetchLimits(second, second, second, 1, -1, 1, 1));
        wrong("fetch.perHost", () -> new FetchLimits(second, second, second, 1, 0, 0, 1));
        wrong("fetch.minimumRate", () -> new FetchLimits(second, second, second, 1, 0, 1, 0));
    }

    private static void wrong(String key, Runnable construction) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, construction::run);
        assertTrue(e.getMessage().startsWith(key + ": "), e.getMessage());
    }
}
