package dev.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Loopback;
import dev.millrace.testing.ProcessStatus;
import dev.millrace.testing.Slow;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WaitsMostly;
import dev.millrace.testing.WorkerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sink that takes results and never answers stops the polls, and nothing grows meanwhile. */
// Its worker is a process of its own, whose memory no test beside it moves.
@WaitsMostly
@Slow
class HangingSinkIT {
    /** As many as the measured rate, which is nothing here, never forbids. */
    private static final int ADMITTED = 32;

    private static final int MESSAGES = 400;
    private static final int HANG_SECONDS = 60;
    private static final long GROWTH = 16L << 20;

    /** The heap is resident from the start, so that what grows is native. */
    private static final List<String> HEAP = List.of("-Xms512m", "-XX:+AlwaysPreTouch");

    @TempDir private Path folder;

    @Test
    void nothingGrowsWhileTheSinkHangsAndAllIsDeliveredAfterwards() throws Exception {
        try (TestQueue queue = new TestQueue(5);
                Loopback loopback = new Loopback();
                WorkerProcess worker = WorkerProcess.start(folder, yaml(queue), HEAP, "")) {
            loopback.hang();
            worker.awaitReady();
            queue.send(bodies(loopback));
            Loopback.awaitUntil(
                    () -> loopback.waiting() == ADMITTED, 60, () -> loopback.waiting() + " wait");
            assertEquals(ADMITTED, metric(worker, "millrace_received_total"));
            long resident = ProcessStatus.resident(worker.pid());
            long heap = usedHeap(worker);

            long most = 0;
            for (int second = 0; second < HANG_SECONDS; second++) {
                Thread.sleep(1000);
                assertTrue(metric(worker, "millrace_admission_in_flight") <= ADMITTED);
                most = Math.max(most, ProcessStatus.resident(worker.pid()));
            }
            assertEquals(ADMITTED, metric(worker, "millrace_received_total"), "polling stopped");
            long heapGrowth = usedHeap(worker) - heap;
            System.out.printf(
                    "%d s with %d in flight: heap %+d KiB, resident %+d KiB%n",
                    HANG_SECONDS,
                    metric(worker, "millrace_admission_in_flight"),
                    heapGrowth >> 10,
                    most - resident >> 10);
            assertTrue(heapGrowth < GROWTH, "heap grew by " + heapGrowth);
            assertTrue(most - resident < GROWTH, "RSS grew by " + (most - resident));

            loopback.answer();
            loopback.await(MESSAGES, 60);
            Loopback.awaitUntil(() -> queue.left() == 0, 10, () -> queue.left() + " left");
            assertEquals(0, loopback.duplicates());
            assertEquals(0, queue.deadLetters());
            // The negative control: with the sink back, the same worker receives the rest.
            assertEquals(MESSAGES, metric(worker, "millrace_received_total"));
        }
    }

    /** Without what nobody holds any more. */
    private static long usedHeap(WorkerProcess worker) throws Exception {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process collection =
                new ProcessBuilder(jcmd.toString(), Long.toString(worker.pid()), "GC.run")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertEquals(0, collection.waitFor(), "jcmd");
        return metric(worker, "jvm_memory_used_bytes{area=\"heap\"");
    }

    /** The sum of the samples whose line begins so. */
    private static long metric(WorkerProcess worker, String name) {
        return (long)
                worker.text("/metrics")
                        .lines()
                        .filter(line -> line.startsWith(name))
                        .mapToDouble(
                                line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                        .sum();
    }

    private static String yaml(TestQueue queue) {
        return """
        queue: {url: "%s", visibility: 30s}
        fetch: {allowAddresses: [127.0.0.0/8]}
        callback: {allowAddresses: [127.0.0.0/8], timeout: 120s}
        admission: {messages: %d}
        device: {type: host}
        drain: {spot: false}
        models:
          - {task: safety, bundle: "%s"}
        """
                .formatted(queue.url(), ADMITTED, Path.of("engines/safety").toAbsolutePath());
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
}
