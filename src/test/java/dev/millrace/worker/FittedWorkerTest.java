package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.millrace.config.WorkerConfig;
import dev.millrace.job.Counter;
import dev.millrace.testing.LogLines;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.TestQueue;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** A whole worker on a real queue whose attributes do not fit its configuration. */
@Isolated("its scene counts the threads of the process")
class FittedWorkerTest {
    private static final int MAX_RECEIVE_COUNT = 2;

    /** Nobody listens there. */
    private static final String DEAD = "http://127.0.0.1:1/a.jpg";

    @TempDir private Path folder;

    private final Map<String, String> settings = WorkerScene.settings();

    private interface Part {
        void run(TestQueue queue, WorkerScene scene) throws Exception;
    }

    private void on(Part part) throws Exception {
        try (TestQueue queue = new TestQueue(MAX_RECEIVE_COUNT);
                WorkerScene scene = new WorkerScene(queue, folder)) {
            part.run(queue, scene);
            scene.nothingIsLeft();
        }
    }

    /** One receive of the message that waits, as by a worker that crashed. */
    private static void spendAReceive(TestQueue queue) {
        assertEquals(
                1,
                queue.client()
                        .receiveMessage(
                                request ->
                                        request.queueUrl(queue.url())
                                                .waitTimeSeconds(5)
                                                .visibilityTimeout(0))
                        .messages()
                        .size());
    }

    private static List<String> misfits(LogLines log) {
        return log.events().stream()
                .filter(event -> event.getLevel() == ch.qos.logback.classic.Level.WARN)
                .map(event -> event.getFormattedMessage())
                .toList();
    }

    /** At receive 2 of 5 it would go back to the queue, which would call it dead. */
    @Test
    void aFailureIsAnsweredAtTheLastReceiveThatTheQueueAllows() throws Exception {
        on(
                (queue, scene) -> {
                    String id = scene.send(DEAD);
                    spendAReceive(queue);
                    try (Worker worker = Worker.start(scene.config(settings))) {
                        scene.internet.await(1, 20);
                        assertEquals(
                                "fetch_failed",
                                scene.internet.result(id).path("error").path("kind").textValue());
                        Loopback.awaitUntil(
                                () -> worker.counters().get(Counter.DELETED) == 1,
                                20,
                                () -> "not deleted");
                    }
                    assertEquals(0, queue.left() + queue.deadLetters());
                });
    }

    /** The first receive may have been a crash, and there is no third one. */
    @Test
    void anImageIsTriedBeforeItsLastReceiveIsSpent() throws Exception {
        settings.remove("MILLRACE_STATE_DIRECTORY");
        on(
                (queue, scene) -> {
                    scene.send();
                    spendAReceive(queue);
                    try (Worker worker = Worker.start(scene.config(settings))) {
                        scene.internet.await(1, 60);
                        assertEquals(1, worker.counters().get(Counter.TRIALS));
                    }
                });
    }

    @Test
    void eachMisfitIsOneWarningAndTheQueueIsLeftAsItIs() throws Exception {
        settings.remove("MILLRACE_STATE_DIRECTORY");
        on(
                (queue, scene) -> {
                    Map<QueueAttributeName, String> before = attributes(queue);
                    WorkerConfig config = scene.config(settings);
                    try (LogLines log = new LogLines("dev.millrace.worker");
                            Worker _ = Worker.start(config)) {
                        List<String> expected = QueueFit.of(config, queue.status()).misfits();
                        assertEquals(3, expected.size(), expected::toString);
                        assertEquals(expected, misfits(log));
                    }
                    assertEquals(before, attributes(queue));
                });
    }

    @Test
    void aQueueWithoutADeadLetterQueue() throws Exception {
        on(
                (queue, scene) -> {
                    String url =
                            queue.client()
                                    .createQueue(request -> request.queueName("plain"))
                                    .queueUrl();
                    settings.put("MILLRACE_QUEUE_URL", url);
                    settings.put("MILLRACE_QUARANTINE_RECEIVES", "0");
                    settings.remove("MILLRACE_STATE_DIRECTORY");
                    try (LogLines log = new LogLines("dev.millrace.worker");
                            Worker _ = Worker.start(scene.config(settings))) {
                        List<String> misfits = misfits(log);
                        assertEquals(2, misfits.size(), misfits::toString);
                        assertEquals(
                                1,
                                log.lines("the queue has no dead letter queue").size(),
                                misfits::toString);
                        assertEquals(
                                1,
                                log.lines("quarantine.receives: 0 and no").size(),
                                misfits::toString);
                    }
                });
    }

    private static Map<QueueAttributeName, String> attributes(TestQueue queue) {
        Map<QueueAttributeName, String> attributes =
                queue.client()
                        .getQueueAttributes(
                                request ->
                                        request.queueUrl(queue.url())
                                                .attributeNames(QueueAttributeName.ALL))
                        .attributes();
        assertFalse(attributes.isEmpty());
        return attributes;
    }
}
