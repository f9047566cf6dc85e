package dev.millrace.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.gpu.host.SimulatedCost;
import dev.millrace.job.RingSize;
import dev.millrace.testing.LogLines;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A ring has room for an image on each preprocess thread, however many there are. */
class FullRingTest {
    private static final int THREADS = 64;
    private static final int MAX_BATCH = 8;
    private static final long ROW_BYTES = 224 * 224 * 3;

    @Test
    void eachThreadFindsAnImage() throws Exception {
        int slots = RingSize.of(THREADS, MAX_BATCH, ROW_BYTES).slots();
        assertEquals(THREADS, busyAtOnce(slots, Duration.ofSeconds(30)));
    }

    /** Negative control: with room for a few batches, half of the threads have nothing to do. */
    @Test
    void withoutRoomForThreadsSomeWait() throws Exception {
        assertEquals(32, busyAtOnce(4 * MAX_BATCH, Duration.ofSeconds(2)));
    }

    /** Of all threads together, and with as many images as the ring takes. */
    @Test
    void aDefectOfTheModuleShowsItsTraceOnce() throws Exception {
        CountDownLatch failures = new CountDownLatch(40);
        Runnable work =
                () -> {
                    failures.countDown();
                    throw new IllegalStateException("planted");
                };
        try (LogLines log = new LogLines(JobPreprocessor.class.getName());
                FullRing ring = new FullRing(16, 4, MAX_BATCH, new SimulatedCost(0.1, 0), work)) {
            assertTrue(failures.await(30, TimeUnit.SECONDS));
            assertEquals(
                    List.of(
                            "preprocess of model 'working' failed for id: IllegalStateException: planted"),
                    log.lines());
            assertNotNull(log.events().getFirst().getThrowableProxy());
            assertEquals(Optional.empty(), ring.fault());
        }
    }

    /** The most threads that work on an image at the same time; waits no longer for all. */
    private static int busyAtOnce(int slots, Duration patience) throws InterruptedException {
        CountDownLatch idle = new CountDownLatch(THREADS);
        CountDownLatch end = new CountDownLatch(1);
        Runnable work =
                () -> {
                    idle.countDown();
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                };
        FullRing ring = new FullRing(slots, THREADS, MAX_BATCH, new SimulatedCost(0.1, 0), work);
        try (ring) {
            boolean all = idle.await(patience.toMillis(), TimeUnit.MILLISECONDS);
            int busy = THREADS - (int) idle.getCount();
            assertEquals(busy == THREADS, all);
            end.countDown();
            return busy;
        } finally {
            end.countDown();
            assertEquals(Optional.empty(), ring.fault());
        }
    }
}
