package dev.millrace.deadletters;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * The messages that a look at the dead letter queue hides from others. A thread of its own hides
 * them again before their time is over, by the monotonic clock; the end makes all of them visible.
 */
final class Holds implements AutoCloseable {
    /** Calls beside each other. */
    private static final int MAX_CALLS = 8;

    private static final int STEPS = 6;

    private final DeadLetterQueue queue;
    private final Duration hold;
    private final Map<String, Hold> held = new ConcurrentHashMap<>();
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    task -> Thread.ofPlatform().daemon().name("holds").unstarted(task));

    /** A receipt and when it was hidden. */
    private record Hold(String receipt, long sinceNs) {}

    Holds(DeadLetterQueue queue, Duration hold) {
        this.queue = queue;
        this.hold = hold;
        long stepNs = hold.toNanos() / STEPS;
        clock.scheduleWithFixedDelay(this::renew, stepNs, stepNs, TimeUnit.NANOSECONDS);
    }

    int seconds() {
        return (int) hold.toSeconds();
    }

    /** A message was received just now, whether it was held before or not. */
    void add(Message message) {
        held.put(message.messageId(), new Hold(message.receiptHandle(), System.nanoTime()));
    }

    /** A message is gone from the queue, or is to stay hidden until its time is over. */
    void forget(DeadLetter letter) {
        held.remove(letter.id());
    }

    int size() {
        return held.size();
    }

    private void renew() {
        long nowNs = System.nanoTime();
        List<Map.Entry<String, Hold>> due =
                held.entrySet().stream()
                        .filter(one -> nowNs - one.getValue().sinceNs > hold.toNanos() / 2)
                        .toList();
        hide(due, seconds());
        // Also where it failed: such a one comes back and is held again.
        due.forEach(
                one ->
                        held.replace(
                                one.getKey(),
                                one.getValue(),
                                new Hold(one.getValue().receipt, nowNs)));
    }

    /** In calls beside each other; says for how many it worked. */
    private int hide(List<Map.Entry<String, Hold>> all, int seconds) {
        AtomicInteger done = new AtomicInteger();
        Semaphore calls = new Semaphore(MAX_CALLS);
        for (int from = 0; from < all.size(); from += DeadLetterQueue.BATCH) {
            List<String> receipts =
                    all.subList(from, Math.min(from + DeadLetterQueue.BATCH, all.size())).stream()
                            .map(one -> one.getValue().receipt)
                            .toList();
            calls.acquireUninterruptibly();
            Thread.startVirtualThread(
                    () -> {
                        try {
                            done.addAndGet(queue.hide(receipts, seconds));
                        } catch (SdkException e) {
                            // They are visible when their time is over.
                        } finally {
                            calls.release();
                        }
                    });
        }
        calls.acquireUninterruptibly(MAX_CALLS);
        return done.get();
    }

    /** Makes all visible that are held; says how many stay hidden until their time is over. */
    int release() {
        close();
        List<Map.Entry<String, Hold>> all = List.copyOf(held.entrySet());
        held.clear();
        return all.size() - hide(all, 0);
    }

    /** Hides nothing again. */
    @Override
    public void close() {
        clock.shutdown();
        try {
            clock.awaitTermination(hold.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
