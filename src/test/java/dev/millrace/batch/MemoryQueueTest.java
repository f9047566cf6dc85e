package dev.millrace.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;

class MemoryQueueTest {
    private final List<String> dead = new ArrayList<>();
    private final MemoryQueue queue = new MemoryQueue(2, 3, 2, (_, body) -> dead.add(body));

    private List<String> receive(int hiddenSeconds, int waitSeconds) {
        return queue
                .receiveMessage(
                        request ->
                                request.maxNumberOfMessages(10)
                                        .visibilityTimeout(hiddenSeconds)
                                        .waitTimeSeconds(waitSeconds))
                .messages()
                .stream()
                .map(Message::body)
                .toList();
    }

    private void hide(String number, int seconds) {
        queue.changeMessageVisibilityBatch(
                request ->
                        request.entries(
                                ChangeMessageVisibilityBatchRequestEntry.builder()
                                        .id("0")
                                        .receiptHandle(number)
                                        .visibilityTimeout(seconds)
                                        .build()));
    }

    @Test
    void messagesAreHiddenComeBackAndAreDeadAfterTheirLastReceive() throws Exception {
        queue.put("a");
        queue.put("b");
        assertEquals(List.of("a", "b"), receive(100, 0));
        assertEquals(List.of(), receive(100, 0));
        hide("1", 0);
        assertEquals(List.of("a"), receive(1, 0));
        // What was hidden before that is over and shows nothing.
        assertEquals(List.of(), receive(100, 0));
        queue.deleteMessageBatch(
                request ->
                        request.entries(
                                DeleteMessageBatchRequestEntry.builder()
                                        .id("0")
                                        .receiptHandle("2")
                                        .build()));
        assertEquals(1, queue.size());
        assertEquals(List.of(), receive(100, 2));
        assertEquals(List.of("a"), dead);
        assertEquals(0, queue.size());
    }

    /** A message that is deleted is not kept until the time has passed that it was hidden for. */
    @Test
    void nothingIsKeptOfWhatIsDeleted() throws Exception {
        for (int i = 1; i <= 1000; i++) {
            queue.put("a");
            receive(3600, 0);
            String number = Integer.toString(i);
            queue.deleteMessageBatch(
                    request ->
                            request.entries(
                                    DeleteMessageBatchRequestEntry.builder()
                                            .id("0")
                                            .receiptHandle(number)
                                            .build()));
        }
        assertEquals(0, queue.size());
        assertEquals(0, queue.hidden());
    }

    @Test
    void aPollEndsWhenAMessageComes() throws Exception {
        CompletableFuture<List<String>> poll = CompletableFuture.supplyAsync(() -> receive(9, 20));
        queue.put("a");
        assertEquals(List.of("a"), poll.get(10, TimeUnit.SECONDS));
    }

    @Test
    void whoPutsInWaitsForRoomAndForNoneAfterTheEnd() throws Exception {
        assertTrue(queue.put("a"));
        assertTrue(queue.put("b"));
        CompletableFuture<Boolean> third = CompletableFuture.supplyAsync(() -> put("c"));
        assertFalse(third.isDone());
        assertEquals(List.of("a", "b"), receive(100, 0));
        assertTrue(third.get(10, TimeUnit.SECONDS));
        // Three are held, and a fourth has no room though one only waits.
        CompletableFuture<Boolean> fourth = CompletableFuture.supplyAsync(() -> put("d"));
        queue.end();
        assertFalse(fourth.get(10, TimeUnit.SECONDS));
        assertEquals(3, queue.size());
    }

    @Test
    void longBodiesWaitForRoomBeforeThereAreMany() throws Exception {
        MemoryQueue many = new MemoryQueue(100, 100, 2, (_, _) -> {});
        String body = "x".repeat(1 << 20);
        for (int i = 0; i < 8; i++) {
            assertTrue(many.put(body));
        }
        CompletableFuture<Boolean> ninth =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return many.put(body);
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        });
        assertThrows(TimeoutException.class, () -> ninth.get(200, TimeUnit.MILLISECONDS));
        many.receiveMessage(
                request ->
                        request.maxNumberOfMessages(1).visibilityTimeout(100).waitTimeSeconds(0));
        assertThrows(TimeoutException.class, () -> ninth.get(200, TimeUnit.MILLISECONDS));
        many.deleteMessageBatch(
                request ->
                        request.entries(
                                DeleteMessageBatchRequestEntry.builder()
                                        .id("0")
                                        .receiptHandle("1")
                                        .build()));
        assertTrue(ninth.get(10, TimeUnit.SECONDS));
    }

    private boolean put(String body) {
        try {
            return queue.put(body);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
