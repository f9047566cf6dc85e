package dev.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.gpu.cuda.GpuStandIn;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WaitsMostly;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole worker on stand-ins of NVIDIA's libraries, of which one fails: what its operator reads,
 * and what becomes of the messages.
 */
@WaitsMostly
class LostGpuFT {
    private static final String PHOTO = "mpu-300x250-city-night.jpg";
    private static final int MESSAGES = 200;

    /** A warm-up takes 28 of them: 12 for the graphs of each lane, and two batches. */
    private static final int COMPUTES = 36;

    /**
     * Batches that were done a moment before the GPU was lost, whose results are on their way: they
     * are given back with the rest, and answered again under the same id.
     */
    private static final int IN_CALLBACKS = (COMPUTES - 28) * 8;

    /** With the plan that the first of them builds. */
    @TempDir private static Path shared;

    @TempDir private Path folder;

    private WorkerProcess worker(TestQueue queue, Path cache, String cuda, String tensorRt)
            throws IOException {
        return worker(queue, cache, cuda, tensorRt, "device: {type: cuda, batchTimeout: 3s}");
    }

    private WorkerProcess worker(
            TestQueue queue, Path cache, String cuda, String tensorRt, String limits)
            throws IOException {
        List<String> before = new ArrayList<>(List.of("env"));
        GpuStandIn.environment(cuda, tensorRt)
                .forEach((name, value) -> before.add(name + "=" + value));
        String yaml =
                """
                queue: {url: "%s", visibility: 60s, wait: 1s}
                fetch: {allowAddresses: [127.0.0.0/8]}
                callback: {allowAddresses: [127.0.0.0/8]}
                %s
                drain: {spot: false}
                cache: %s
                models:
                  - {task: safety, bundle: "%s"}
                """
                        .formatted(
                                queue.url(),
                                limits,
                                cache,
                                Path.of("engines/safety").toAbsolutePath());
        return WorkerProcess.startBehind(before, folder, yaml);
    }

    private static List<String> complaints(WorkerProcess worker) {
        return worker.output()
                .lines()
                .filter(line -> !line.contains(" INFO ") && !line.startsWith("{"))
                .toList();
    }

    private static void send(TestQueue queue, Loopback loopback) {
        for (int i = 0; i < MESSAGES; i++) {
            queue.send(
                    List.of(
                            """
                            {"id": "m%d", "url": "%s", "task": "safety", "callback_url": "%s"}"""
                                    .formatted(i, loopback.photo(PHOTO), loopback.sink())));
        }
    }

    /**
     * The worker ends by itself with one line, and another one answers what it had.
     *
     * @param mostTwice messages at most that may be answered twice
     */
    private String endsAndGivesBack(String cuda, int mostTwice) throws Exception {
        try (TestQueue queue = new TestQueue(50);
                Loopback loopback = new Loopback()) {
            String said;
            try (WorkerProcess worker = worker(queue, shared, cuda, "")) {
                worker.awaitReady();
                send(queue, loopback);
                Loopback.awaitUntil(
                        () -> worker.status("/v2/health/live") != 200, 30, worker::output);
                assertEquals(1, worker.exitCode(20), worker.output());
                List<String> complaints = complaints(worker);
                assertEquals(1, complaints.size(), worker.output());
                said = complaints.getFirst();
            }
            assertEquals(0, queue.status().inFlight(), "hidden after the end");
            assertTrue(loopback.ids() < MESSAGES, "it failed amid the work");
            try (WorkerProcess next = worker(queue, shared, "", "")) {
                loopback.await(MESSAGES, 60);
                Loopback.awaitUntil(() -> queue.left() == 0, 15, () -> queue.left() + " left");
                assertTrue(next.output().contains(" was built from "), next.output());
                next.terminate();
                assertEquals(0, next.exitCode(25), next.output());
            }
            assertTrue(
                    loopback.duplicates() <= mostTwice, loopback.duplicates() + " answered twice");
            assertEquals(0, queue.deadLetters());
            return said;
        }
    }

    @Test
    void aHungGpuEndsTheWorkerInTime() throws Exception {
        String said = endsAndGivesBack("launch-hang=" + COMPUTES, 0);
        assertTrue(
                said.endsWith(
                        "the worker cannot go on and gives its messages back: the device has not"
                                + " finished a batch of task 'safety' within 3 s"
                                + " (device.batchTimeout)"),
                said);
    }

    /** Without the limit nobody notices before the watchdog's minute. */
    @Test
    void negativeControlWithoutALimitAHungGpuLooksAlive() throws Exception {
        try (TestQueue queue = new TestQueue(50);
                Loopback loopback = new Loopback();
                WorkerProcess worker =
                        worker(
                                queue,
                                shared,
                                "launch-hang=" + COMPUTES,
                                "",
                                "device: {type: cuda, batchTimeout: 0s}")) {
            worker.awaitReady();
            send(queue, loopback);
            Thread.sleep(10_000);
            assertTrue(loopback.ids() < MESSAGES, "it hangs");
            assertEquals(200, worker.status("/v2/health/live"), worker.output());
            assertEquals(200, worker.status("/v2/health/ready"), worker.output());
        }
    }

    @Test
    void aLostGpuEndsTheWorkerAtOnce() throws Exception {
        String said = endsAndGivesBack("launch-fail=700@" + COMPUTES, IN_CALLBACKS);
        assertTrue(said.contains("gives its messages back: cuda"), said);
        assertTrue(said.contains(" failed: cudaErrorIllegalAddress (700, "), said);
        assertTrue(said.endsWith("start the worker again"), said);
    }

    @Test
    void sigtermWaitsForNoBuilder() throws Exception {
        try (TestQueue queue = new TestQueue(5);
                WorkerProcess worker = worker(queue, folder, "", "build-hang")) {
            Loopback.awaitUntil(
                    () -> worker.output().contains("plan for task 'safety': 10 % done"),
                    60,
                    worker::output);
            List<ProcessHandle> builders = worker.descendants();
            assertFalse(builders.isEmpty(), "it is another process that builds");
            worker.terminate();
            assertEquals(0, worker.exitCode(10), worker.output());
            Loopback.awaitUntil(
                    () -> builders.stream().noneMatch(ProcessHandle::isAlive),
                    10,
                    () -> "a builder is left");
        }
    }

    @Test
    void aCrashOfTensorRtIsOneLine() throws Exception {
        try (TestQueue queue = new TestQueue(5);
                WorkerProcess worker = worker(queue, folder, "", "build-crash")) {
            assertEquals(2, worker.exitCode(60), worker.output());
            List<String> complaints = complaints(worker);
            assertEquals(1, complaints.size(), worker.output());
            assertTrue(
                    complaints
                            .getFirst()
                            .startsWith(
                                    "millrace: models: task 'safety': TensorRT ended the process"
                                            + " that was building the plan, exit code "),
                    worker.output());
        }
    }

    @Test
    void aPlanThatIsNotBuiltInTimeIsOneLine() throws Exception {
        try (TestQueue queue = new TestQueue(5);
                WorkerProcess worker =
                        worker(
                                queue,
                                folder,
                                "",
                                "build-hang",
                                "device: {type: cuda}\nengine: {buildTimeout: 5s}")) {
            assertEquals(2, worker.exitCode(60), worker.output());
            List<String> complaints = complaints(worker);
            assertEquals(1, complaints.size(), worker.output());
            assertTrue(
                    complaints
                            .getFirst()
                            .startsWith(
                                    "millrace: models: task 'safety': the plan was not built within"
                                            + " 5 s and its builder was ended"),
                    worker.output());
        }
    }
}
