package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Loopback;
import dev.millrace.testing.RawServer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The end of a worker's flow, with something in each stage that does not end. */
@Isolated("it counts the threads of the process")
class DrainTest extends WithWorkerScene {
    private final Map<String, String> settings = WorkerScene.settings();

    private static FutureTask<Void> drains(Worker worker) {
        FutureTask<Void> drain =
                new FutureTask<>(
                        () -> {
                            worker.drain(Duration.ofSeconds(10));
                            return null;
                        });
        Thread.ofPlatform().name("drains").start(drain);
        return drain;
    }

    private static boolean isInTheRing(Worker worker) {
        return worker.snapshot().rings().get("colors").occupied() == 1;
    }

    @ParameterizedTest
    @ValueSource(strings = {"download", "model", "callback"})
    void aStageThatDoesNotEndInTimeGivesItsMessageBack(String stage) throws Exception {
        settings.put("MILLRACE_DEVICE_SIMULATE", stage.equals("model") ? "600,0" : "1,0");
        scene.internet.hang();
        String id;
        try (RawServer silent = new RawServer((_, _) -> new CountDownLatch(1).await());
                Worker worker = Worker.start(scene.config(settings))) {
            id =
                    stage.equals("download")
                            ? scene.send("http://127.0.0.1:" + silent.port() + "/a.jpg")
                            : scene.send();
            switch (stage) {
                case "download" ->
                        Loopback.awaitUntil(() -> silent.connections() == 1, 10, () -> "no call");
                case "model" -> Loopback.awaitUntil(() -> isInTheRing(worker), 10, () -> "no job");
                default ->
                        Loopback.awaitUntil(
                                () -> scene.internet.waiting() == 1, 10, () -> "no callback");
            }
            long startNs = System.nanoTime();
            worker.drain(Duration.ofMillis(100));
            double seconds = (System.nanoTime() - startNs) / 1e9;
            // What hangs would take for ever.
            assertTrue(seconds < 5, seconds + " s");
            assertEquals(0, queue.status().inFlight(), "hidden after the drain");
            assertEquals(1, queue.status().visible());
        }
        assertFalse(scene.internet.has(id), "who has it next answers it");
    }

    /** The control of the stages: what ends in time is not given back. */
    @Test
    void whatTheLastPollBringsIsWorkedOn() throws Exception {
        settings.put("MILLRACE_QUEUE_WAIT", "1s");
        try (Worker worker = Worker.start(scene.config(settings))) {
            Thread.sleep(100);
            FutureTask<Void> drain = drains(worker);
            Loopback.awaitUntil(() -> !isReady(worker), 5, () -> "not draining");
            String id = scene.send();
            drain.get(10, TimeUnit.SECONDS);
            assertTrue(scene.internet.has(id));
            assertEquals(0, queue.left());
        }
    }

    private static boolean isReady(Worker worker) {
        try {
            return WorkerScene.status(worker, "/v2/health/ready") == 200;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Its one poll waits for a second; {@link IdleStopFT} has 200 of them. */
    @Test
    void anIdleWorkerStopsSoon() throws Exception {
        settings.remove("MILLRACE_QUEUE_WAIT");
        try (Worker worker = Worker.start(scene.config(settings))) {
            Thread.sleep(300);
            assertEquals(0, worker.snapshot().inFlight(), "a poll is no message");
            long startNs = System.nanoTime();
            worker.drain(Duration.ofSeconds(25));
            double seconds = (System.nanoTime() - startNs) / 1e9;
            assertTrue(seconds < 4, seconds + " s");
        }
    }

    /** With a message beside that nobody keeps, as a control. */
    @Test
    void heartbeatsRunUntilTheLastMessageLeft() throws Exception {
        settings.put("MILLRACE_QUEUE_VISIBILITY", "2s");
        scene.internet.hang();
        try (Worker worker = Worker.start(scene.config(settings))) {
            String id = scene.send();
            Loopback.awaitUntil(() -> scene.internet.waiting() == 1, 10, () -> "no callback");
            FutureTask<Void> drain = drains(worker);
            Loopback.awaitUntil(() -> !isReady(worker), 5, () -> "not draining");
            scene.send();
            scene.send();
            assertEquals(
                    1,
                    queue.client()
                            .receiveMessage(
                                    request ->
                                            request.queueUrl(queue.url())
                                                    .maxNumberOfMessages(1)
                                                    .visibilityTimeout(1))
                            .messages()
                            .size());
            assertEquals(1, queue.status().visible(), "a worker that drains takes nothing");
            Thread.sleep(2500);
            assertEquals(2, queue.status().visible(), "nobody keeps it");
            assertEquals(1, queue.status().inFlight(), "the worker keeps its own");
            assertFalse(drain.isDone());
            scene.internet.answer();
            drain.get(10, TimeUnit.SECONDS);
            assertTrue(scene.internet.has(id));
            assertEquals(2, queue.left());
        }
    }
}
