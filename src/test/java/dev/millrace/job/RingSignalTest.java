package dev.millrace.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
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

    /** Each waiter looks at its condition when it comes, and when it is woken. */
    @Test
    void onlyThoseAreWokenWhoCanGoOn() throws Exception {
        RingSignal signal = new RingSignal();
        AtomicBoolean first = new AtomicBoolean();
        AtomicBoolean second = new AtomicBoolean();
        AtomicInteger looks = new AtomicInteger();
        Thread waiter =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    Thread self = Thread.currentThread();
                                    awaitQuietly(
                                            signal,
                                            () -> {
                                                if (Thread.currentThread() == self) {
                                                    looks.incrementAndGet();
                                                }
                                                return second.get();
                                            });
                                });
        Thread other = Thread.ofPlatform().start(() -> awaitQuietly(signal, first::get));
        while (waiter.getState() != Thread.State.TIMED_WAITING
                || other.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        int before = looks.get();
        first.set(true);
        for (int i = 0; i < 1000; i++) {
            signal.moved();
        }
        other.join();
        assertEquals(before, looks.get());
        second.set(true);
        signal.moved();
        waiter.join();
        assertEquals(before + 1, looks.get());
    }

    private static void awaitQuietly(RingSignal signal, BooleanSupplier ready) {
        try {
            assertTrue(signal.await(ready, TimeUnit.MINUTES.toNanos(1), 0));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
