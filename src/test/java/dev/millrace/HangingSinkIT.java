package dev.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Counter;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.Memory;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.Workers;
import dev.millrace.worker.Worker;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** A sink that takes results and never answers stops the polls, and nothing grows meanwhile. */
// By a lock of its own: it waits for a minute, and the others that wait need not wait for it.
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("the hanging sink")
class HangingSinkIT {
    /** As many as the measured rate, which is nothing here, never forbids. */
    private static final int ADMITTED = 32;

    private static final int MESSAGES = 400;
    private static final int HANG_SECONDS = 60;
    private static final long GROWTH = 64L << 20;

    @Test
    void nothingGrowsWhileTheSinkHangsAndAllIsDeliveredAfterwards() throws Exception {
        try (TestQueue queue = new TestQueue(5);
                Loopback loopback = new Loopback();
                Worker worker =
                        Worker.start(
                                Workers.config(
                                        queue.settings(Duration.ofSeconds(30)),
                                        ADMITTED,
                                        "safety"))) {
            loopback.hang();
            queue.send(bodies(loopback));
            Loopback.awaitUntil(
                    () -> loopback.waiting() == ADMITTED, 30, () -> loopback.waiting() + " wait");
            long received = worker.counters().get(Counter.RECEIVED);
            long heap = usedHeap();
            long resident = Memory.resident();
            assertEquals(ADMITTED, received);

            long mostResident = 0;
            for (int second = 0; second < HANG_SECONDS; second++) {
                Thread.sleep(1000);
                assertTrue(worker.snapshot().inFlight() <= ADMITTED);
                mostResident = Math.max(mostResident, Memory.resident());
            }
            assertEquals(received, worker.counters().get(Counter.RECEIVED), "polling stopped");
            long heapGrowth = usedHeap() - heap;
            System.out.printf(
                    "%d s with %d in flight: heap %+d KiB, resident %+d KiB%n",
                    HANG_SECONDS,
                    worker.snapshot().inFlight(),
                    heapGrowth >> 10,
                    mostResident - resident >> 10);
            assertTrue(heapGrowth < GROWTH, "heap grew by " + heapGrowth);
            assertTrue(
                    mostResident - resident < GROWTH, "RSS grew by " + (mostResident - resident));

            loopback.answer();
            loopback.await(MESSAGES, 60);
            Loopback.awaitUntil(() -> queue.left() == 0, 10, () -> queue.left() + " left");
            assertEquals(0, loopback.duplicates());
            assertEquals(0, queue.deadLetters());
            // The negative control: with the sink back, the same worker receives the rest.
            assertEquals(MESSAGES, worker.counters().get(Counter.RECEIVED));
        }
    }

    private static List<String> bodies(Loopback loopback) {
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            bodies.add(
                    """
                    {"id": "%d", "url": "%s", "task": "safety", "callback_url": "%s"}"""
                            .formatted(
                                    i,
                                    loopback.photo("mpu-300x250-city-night.jpg"),
                                    loopback.sink()));
        }
        return bodies;
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
