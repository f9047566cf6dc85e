package dev.millrace.job;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class RingSignalTest {
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(2);

    @Test
    void whoSpinsSeesWhatNobodyTellsHim() throws Exception {
        assertTrue(nanosUntilSeen(TIMEOUT_NS) < TIMEOUT_NS);
    }

    /** Negative control: who sleeps must be told. */
    @Test
    void whoSleepsDoesNot() throws Exception {
        assertTrue(nanosUntilSeen(0) >= TIMEOUT_NS);
    }

    private static long nanosUntilSeen(long spinNs) throws InterruptedException {
        AtomicBoolean ready = new AtomicBoolean();
        Thread other =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        Thread.sleep(50);
                                    } catch (InterruptedException e) {
                                        throw new AssertionError(e);
                                    }
                                    ready.set(true);
                                });
        long startNs = System.nanoTime();
        assertTrue(new RingSignal().await(ready::get, TIMEOUT_NS, spinNs));
        other.join();
        return System.nanoTime() - startNs;
    }

    @Test
    void aSpinIsPartOfTheWait() throws Exception {
        long startNs = System.nanoTime();
        assertFalse(
                new RingSignal().await(() -> false, TimeUnit.MILLISECONDS.toNanos(20), TIMEOUT_NS));
        assertTrue(System.nanoTime() - startNs < TIMEOUT_NS);
    }
}
