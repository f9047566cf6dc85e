package dev.millrace.source;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Loopback;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what other threads do, for as long as {@link Loopback#awaitUntil} at least. */
final class Await {
    private Await() {}

    static void within(Duration limit, String what, BooleanSupplier condition)
            throws InterruptedException {
        Duration least = Duration.ofSeconds(Loopback.PATIENCE);
        Duration patience = limit.compareTo(least) < 0 ? least : limit;
        long deadlineNs = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, "not within " + patience + ": " + what);
            Thread.sleep(20);
        }
    }
}
