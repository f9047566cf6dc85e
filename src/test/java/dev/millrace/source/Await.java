package dev.millrace.source;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what other threads do. */
final class Await {
    private Await() {}

    static void within(Duration limit, String what, BooleanSupplier condition)
            throws InterruptedException {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, "not within " + limit + ": " + what);
            Thread.sleep(20);
        }
    }
}
