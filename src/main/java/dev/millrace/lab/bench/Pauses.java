package dev.millrace.lab.bench;

import java.time.Duration;

/** Sleeping where nobody interrupts. */
public final class Pauses {
    private Pauses() {}

    public static void sleep(long nanos) {
        if (nanos <= 0) {
            return;
        }
        try {
            Thread.sleep(Duration.ofNanos(nanos));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
