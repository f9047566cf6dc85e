package dev.millrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Which hosts are said to be down. */
class HostsDownTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final HostBreakers breakers = new HostBreakers(Duration.ofMillis(50));

    private void call(String host, boolean good) {
        CircuitBreaker breaker = breakers.of(host);
        if (breaker.tryAcquirePermission()) {
            if (good) {
                breaker.onSuccess(1, TimeUnit.MILLISECONDS);
            } else {
                breaker.onError(1, TimeUnit.MILLISECONDS, new IOException("refused"));
            }
        }
    }

    @Test
    void thoseThatFailUntilTheyAnswer() throws Exception {
        for (int i = 0; i < 10; i++) {
            call("good", true);
            call("down", false);
        }
        assertEquals(List.of("down"), breakers.down(LONG));
        assertEquals(List.of(), breakers.down(Duration.ZERO), "asked long ago");
        Thread.sleep(80);
        for (int i = 0; i < 2; i++) {
            call("down", true);
        }
        assertEquals(List.of(), breakers.down(LONG));
    }

    @Test
    void aFewOfMany() {
        for (int host = 0; host < 100; host++) {
            for (int i = 0; i < 10; i++) {
                call("host-" + host, false);
            }
        }
        assertEquals(List.of("host-99", "host-98", "host-97", "host-96"), breakers.down(LONG));
    }
}
