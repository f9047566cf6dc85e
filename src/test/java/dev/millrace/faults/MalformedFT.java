package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.job.Counter;
import dev.millrace.job.DropReason;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.Slow;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 19: a tenth of the messages are no requests. */
@Slow
class MalformedFT {
    private static final int GOOD = Reliability.sized(2000, 400);
    private static final int ROUNDS = Reliability.sized(25, 5);

    private static final List<String> NO_REQUESTS =
            List.of(
                    "not JSON {",
                    "{\"url\": ",
                    "[]",
                    "null",
                    "7",
                    "{\"url\": 7, \"task\": [], \"callback_url\": {}}",
                    "{\"url\": 1e99999999999}",
                    "{\"id\": -1e-99999999999}",
                    "[".repeat(100_000),
                    "{\"id\": \"" + "x".repeat(250_000) + "\"}");

    /** No requests either, but nothing that anybody would want to see again. */
    private static final String TEST_EVENT =
            "{\"Service\": \"Amazon S3\", \"Event\": \"s3:TestEvent\", \"Bucket\": \"b\"}";

    @TempDir private Path folder;

    @Test
    void eachIsCountedOnceAndTheOthersGoOn() throws Exception {
        int bad = ROUNDS * NO_REQUESTS.size();
        Reliability row =
                Reliability.row(
                        19,
                        "bad JSON, wrong types, impossible numbers, 250 kB, unknown task: reported once, never block; S3 test events are deleted");
        // One receive, so that a message that is no request is dead after it.
        try (FaultBench rig = new FaultBench(row.seed(), 1);
                WorkerProcess worker = start(rig)) {
            worker.awaitReady();
            send(rig);
            rig.queue.send(
                    List.of(
                            """
                            {"id": "unknown", "url": "%s", "task": "none", "callback_url": "%s"}"""
                                    .formatted(rig.photo(), rig.ledger.sink())));
            rig.ledger.await(GOOD + 1, 60);
            Loopback.awaitUntil(
                    () -> {
                        // The queue moves a message when it would be received again.
                        rig.queue.receive();
                        return rig.queue.deadLetters() == bad && rig.queue.left() == 0;
                    },
                    40,
                    rig::state);
            long counted = worker.counter(Counter.MALFORMED);
            assertEquals(bad, counted);
            long dropped = worker.dropped(DropReason.TEST_EVENT);
            assertEquals(ROUNDS, dropped);
            assertEquals(0, rig.ledger.duplicates());
            assertEquals("unknown_task", rig.ledger.callbacks().get("unknown").getFirst().error());
            row.holds(
                    "%d bad and %d test events among %,d: %d counted, %d dead letters, %d test events deleted, %,d of %,d good ones answered"
                            .formatted(
                                    bad,
                                    ROUNDS,
                                    GOOD + bad + ROUNDS,
                                    counted,
                                    rig.queue.deadLetters(),
                                    dropped,
                                    rig.ledger.answered("m"),
                                    GOOD),
                    control(row.seed()));
        }
    }

    private WorkerProcess start(FaultBench rig, Change... off) throws IOException {
        return rig.settings().queue("visibility: 5s").start(folder, off);
    }

    /** The same messages. */
    private String control(long seed) throws Exception {
        try (FaultBench rig = new FaultBench(seed, 1);
                WorkerProcess worker = start(rig, Without.CARE_FOR_EACH_MESSAGE)) {
            worker.awaitReady();
            send(rig);
            int exit = worker.exitCode(60);
            long answered = rig.ledger.answered("m");
            assertTrue(answered < GOOD, answered + " answered");
            assertTrue(worker.output().contains("MalformedRequestException"), worker.output());
            return "a bad message ends the poll that brought it: exit %d, %,d of %,d good ones answered"
                    .formatted(exit, answered, GOOD);
        }
    }

    private static void send(FaultBench rig) {
        for (int round = 0; round < ROUNDS; round++) {
            rig.send("m" + round + "-", GOOD / ROUNDS);
            // One by one: a batch may not be larger than a message.
            NO_REQUESTS.forEach(body -> rig.queue.send(List.of(body)));
            rig.queue.send(List.of(TEST_EVENT));
        }
    }
}
