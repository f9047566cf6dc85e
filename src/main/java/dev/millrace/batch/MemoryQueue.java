package dev.millrace.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;

/**
 * A queue in memory, which a worker asks as it asks SQS: messages are hidden once received, come
 * back when their time has passed, and are gone once deleted, so that its memory does not grow with
 * the messages that it has had. Whoever puts messages in waits while enough are there. Thread-safe.
 */
final class MemoryQueue implements SqsClient {
    /** Of all bodies together: metadata may be long, and thousands wait while a host is down. */
    private static final long MAX_CHARACTERS = 8 << 20;

    private final int mostReady;
    private final int mostHeld;
    private final int maxReceives;
    private final BiConsumer<String, String> dead;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Condition room = lock.newCondition();

    // Guarded by the lock.
    private final ArrayDeque<Item> ready = new ArrayDeque<>();
    private final TreeSet<Item> hidden =
            new TreeSet<>(
                    Comparator.<Item>comparingLong(item -> item.hiddenUntilNs)
                            .thenComparingLong(item -> item.number));
    private final Map<String, Item> items = new HashMap<>();
    private long characters;
    private long numbered;
    private boolean closed;

    private static final class Item {
        private final long number;
        private final String handle;
        private final String body;
        private final long sentMs = System.currentTimeMillis();
        private int receives;

        /** Only changed while the item is not among the hidden ones, which it orders. */
        private long hiddenUntilNs;

        Item(long number, String body) {
            this.number = number;
            this.handle = Long.toString(number);
            this.body = body;
        }
    }

    /**
     * @param mostReady messages that wait to be received
     * @param mostHeld messages in all, those that wait to be tried again included
     * @param maxReceives after which a message is dead
     * @param dead is told the number and the body of such a message
     */
    MemoryQueue(int mostReady, int mostHeld, int maxReceives, BiConsumer<String, String> dead) {
        this.mostReady = mostReady;
        this.mostHeld = mostHeld;
        this.maxReceives = maxReceives;
        this.dead = dead;
    }

    /** Puts a message in, once there is room; says whether the queue takes any. */
    boolean put(String body) throws InterruptedException {
        lock.lock();
        try {
            while (!closed && isFull()) {
                room.await();
            }
            if (!closed) {
                Item item = new Item(++numbered, body);
                items.put(item.handle, item);
                characters += body.length();
                ready.add(item);
                arrived.signal();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private boolean isFull() {
        return ready.size() >= mostReady
                || items.size() >= mostHeld
                || characters >= MAX_CHARACTERS;
    }

    /** From now on nothing is put in. */
    void end() {
        lock.lock();
        try {
            closed = true;
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Messages that are not deleted. */
    int size() {
        lock.lock();
        try {
            return items.size();
        } finally {
            lock.unlock();
        }
    }

    /** Messages that were received and are not deleted. */
    int hidden() {
        lock.lock();
        try {
            return hidden.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public ReceiveMessageResponse receiveMessage(ReceiveMessageRequest request) {
        List<Message> messages = new ArrayList<>();
        List<Item> over = new ArrayList<>();
        lock.lock();
        try {
            await(TimeUnit.SECONDS.toNanos(request.waitTimeSeconds()));
            long nowNs = System.nanoTime();
            while (!ready.isEmpty() && messages.size() < request.maxNumberOfMessages()) {
                Item item = ready.poll();
                if (item.receives == maxReceives) {
                    items.remove(item.handle);
                    characters -= item.body.length();
                    over.add(item);
                    continue;
                }
                item.receives++;
                hide(item, nowNs + TimeUnit.SECONDS.toNanos(request.visibilityTimeout()));
                messages.add(message(item));
            }
            room.signalAll();
        } finally {
            lock.unlock();
        }
        over.forEach(item -> dead.accept(item.handle, item.body));
        return ReceiveMessageResponse.builder().messages(messages).build();
    }

    private void await(long nanos) {
        long left = nanos;
        try {
            reveal();
            while (ready.isEmpty() && left > 0) {
                long next =
                        hidden.isEmpty() ? left : hidden.first().hiddenUntilNs - System.nanoTime();
                long step = Math.clamp(next, 1, left);
                left -= step - Math.max(0, arrived.awaitNanos(step));
                reveal();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void reveal() {
        long nowNs = System.nanoTime();
        while (!hidden.isEmpty() && hidden.first().hiddenUntilNs - nowNs <= 0) {
            ready.add(hidden.pollFirst());
        }
    }

    private void hide(Item item, long untilNs) {
        item.hiddenUntilNs = untilNs;
        hidden.add(item);
    }

    private static Message message(Item item) {
        return Message.builder()
                .messageId(item.handle)
                .receiptHandle(item.handle)
                .body(item.body)
                .attributes(
                        Map.of(
                                MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT,
                                Integer.toString(item.receives),
                                MessageSystemAttributeName.SENT_TIMESTAMP,
                                Long.toString(item.sentMs)))
                .build();
    }

    @Override
    public DeleteMessageBatchResponse deleteMessageBatch(DeleteMessageBatchRequest request) {
        lock.lock();
        try {
            for (DeleteMessageBatchRequestEntry entry : request.entries()) {
                Item item = items.remove(entry.receiptHandle());
                if (item != null && !hidden.remove(item)) {
                    ready.remove(item);
                }
                characters -= item == null ? 0 : item.body.length();
            }
            room.signalAll();
        } finally {
            lock.unlock();
        }
        return DeleteMessageBatchResponse.builder()
                .successful(
                        request.entries().stream()
                                .map(
                                        entry ->
                                                DeleteMessageBatchResultEntry.builder()
                                                        .id(entry.id())
                                                        .build())
                                .toList())
                .failed(List.of())
                .build();
    }

    @Override
    public ChangeMessageVisibilityBatchResponse changeMessageVisibilityBatch(
            ChangeMessageVisibilityBatchRequest request) {
        lock.lock();
        try {
            long nowNs = System.nanoTime();
            for (ChangeMessageVisibilityBatchRequestEntry entry : request.entries()) {
                Item item = items.get(entry.receiptHandle());
                // One that is visible again is somebody else's.
                if (item != null && hidden.remove(item)) {
                    hide(item, nowNs + TimeUnit.SECONDS.toNanos(entry.visibilityTimeout()));
                }
            }
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
        return ChangeMessageVisibilityBatchResponse.builder()
                .successful(
                        request.entries().stream()
                                .map(
                                        entry ->
                                                ChangeMessageVisibilityBatchResultEntry.builder()
                                                        .id(entry.id())
                                                        .build())
                                .toList())
                .failed(List.of())
                .build();
    }

    @Override
    public String serviceName() {
        return "sqs";
    }

    @Override
    public void close() {
        end();
    }
}
