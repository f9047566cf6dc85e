package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.lab.demo.LocalQueue;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.TestQueue;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.Message;

/** The books of the fault tests find a loss, whatever else hides it from who only counts. */
class LedgerTest {
    @Test
    void aMessageThatIsAnsweredAndLeftDoesNotHideALoss() throws Exception {
        try (TestQueue queue = new TestQueue(5);
                Ledger ledger = new Ledger()) {
            ledger.send(queue, "m", 3, i -> "http://images.test/a.jpg");
            take(queue, "m1");
            answer(ledger, "m0");
            assertEquals(Set.of("m1"), ledger.lostIds(queue));
            assertTrue(ledger.line(queue).contains("1 lost (m1)"), ledger.line(queue));
        }
    }

    @Test
    void anAnswerThatNobodyAskedForDoesNotHideALoss() throws Exception {
        try (TestQueue queue = new TestQueue(5);
                Ledger ledger = new Ledger()) {
            ledger.send(queue, "m", 2, i -> "http://images.test/a.jpg");
            take(queue, "m1");
            answer(ledger, "other");
            assertEquals(Set.of("m1"), ledger.lostIds(queue));
        }
    }

    @Test
    void whatIsHiddenOrDeadIsNotLost() throws Exception {
        try (TestQueue queue = new TestQueue(1);
                Ledger ledger = new Ledger()) {
            ledger.send(queue, "dead", 1, i -> "http://images.test/a.jpg");
            assertFalse(receive(queue).isEmpty());
            Loopback.awaitUntil(
                    () -> receive(queue).isEmpty() && queue.deadLetters() == 1,
                    5,
                    () -> ledger.state(queue));
            ledger.send(queue, "m", 3, i -> "http://images.test/a.jpg");
            assertFalse(receive(queue).isEmpty());
            String line = "4 sent, 0 answered, 0 duplicates, 3 left, 1 dead letters, 0 lost";
            assertEquals(line, ledger.line(queue));
            assertEquals(line, ledger.line(queue));
        }
    }

    @Test
    void whatIsAnsweredMustBeLeftNoMore() throws Exception {
        try (TestQueue queue = new TestQueue(5);
                Ledger ledger = new Ledger()) {
            ledger.send(queue, "m", 2, i -> "http://images.test/a.jpg");
            ledger.requireAnsweredOrLeft(queue);
            answer(ledger, "m0");
            ledger.requireNothingLost(queue);
            assertThrows(AssertionError.class, () -> ledger.requireAnsweredOrLeft(queue));
        }
    }

    /** Hides some for a second, and deletes one of them. */
    private static void take(TestQueue queue, String id) {
        for (Message message : receive(queue)) {
            if (message.body().contains('"' + id + '"')) {
                LocalQueue.delete(queue.client(), queue.url(), List.of(message));
            }
        }
    }

    private static List<Message> receive(TestQueue queue) {
        return queue.client()
                .receiveMessage(
                        request ->
                                request.queueUrl(queue.url())
                                        .maxNumberOfMessages(10)
                                        .visibilityTimeout(1))
                .messages();
    }

    private static void answer(Ledger ledger, String id) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest callback =
                    HttpRequest.newBuilder(URI.create(ledger.sink()))
                            .header("webhook-id", id)
                            .header("webhook-timestamp", "0")
                            .POST(HttpRequest.BodyPublishers.ofString("{\"id\": \"" + id + "\"}"))
                            .build();
            assertEquals(
                    204,
                    client.send(callback, HttpResponse.BodyHandlers.discarding()).statusCode());
        }
    }
}
