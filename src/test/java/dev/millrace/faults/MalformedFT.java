package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.job.Counter;
import dev.millrace.testing.Loopback;
import dev.millrace.worker.Worker;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.Message;

/** Row 19: a tenth of the messages are no requests. */
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
                    "{\"Service\": \"Amazon S3\", \"Event\": \"s3:TestEvent\", \"Bucket\": \"b\"}",
                    "{\"url\": 1e99999999999}",
                    "{\"id\": -1e-99999999999}",
                    "[".repeat(100_000),
                    "{\"id\": \"" + "x".repeat(250_000) + "\"}");

    @Test
    void eachIsCountedOnceAndTheOthersGoOn() throws Exception {
        int bad = ROUNDS * NO_REQUESTS.size();
        Reliability row =
                Reliability.row(
                        19,
                        "bad JSON, wrong types, impossible numbers, 250 kB, S3 test event, unknown task: reported once, never block");
        // One receive, so that a message that is no request is dead after it.
        try (FaultBench rig = new FaultBench(row.seed(), 1)) {
            send(rig);
            int naive = naive(rig);
            assertTrue(naive < GOOD, "the control must end early");
        }
        try (FaultBench rig = new FaultBench(row.seed(), 1);
                Worker worker = rig.settings().queue("visibility: 5s").start()) {
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
                        return rig.queue.deadLetters() == bad;
                    },
                    40,
                    rig::line);
            long counted = worker.counters().get(Counter.MALFORMED);
            assertEquals(bad, counted);
            assertEquals(0, rig.ledger.duplicates());
            assertEquals("unknown_task", rig.ledger.callbacks().get("unknown").getFirst().error());
            row.holds(
                    "%d bad among %,d: %d counted, %d dead letters, %,d of %,d good ones answered"
                            .formatted(
                                    bad,
                                    GOOD + bad,
                                    counted,
                                    rig.queue.deadLetters(),
                                    rig.ledger.answered("m"),
                                    GOOD),
                    "a loop that parses without a catch ended at the first bad message");
        }
    }

    private static void send(FaultBench rig) {
        for (int round = 0; round < ROUNDS; round++) {
            rig.send("m" + round + "-", GOOD / ROUNDS);
            // One by one: a batch may not be larger than a message.
            NO_REQUESTS.forEach(body -> rig.queue.send(List.of(body)));
        }
    }

    /** How many messages a plain loop gets through. */
    private static int naive(FaultBench rig) {
        List<JsonNode> taken = new ArrayList<>();
        ObjectMapper json = new ObjectMapper();
        try {
            for (List<Message> some = rig.queue.receive();
                    !some.isEmpty();
                    some = rig.queue.receive()) {
                for (Message message : some) {
                    taken.add(json.readTree(message.body()));
                }
            }
        } catch (JsonProcessingException e) {
            return taken.size();
        }
        return Integer.MAX_VALUE;
    }
}
