package dev.millrace.deadletters;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.OverLimitException;

/**
 * One way through a dead letter queue. To look at a queue is to receive from it: what was seen
 * stays hidden until the end, so that each message is seen once, and is then visible again. Eight
 * virtual threads receive, and hand each page to the taker.
 */
public final class Pass implements AutoCloseable {
    private static final int THREADS = 8;

    /** Answers without a message, each after a second, that mean that there is no more. */
    private static final int MAX_EMPTY = 3;

    /** Answers with messages that were seen before. */
    private static final int MAX_SEEN = 200;

    private final DeadLetterQueue queue;
    private final Reasons reasons;
    private final Holds holds;
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final AtomicInteger stalePages = new AtomicInteger();
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean enough;

    /** Takes what a page brought, on several threads. */
    public interface Taker {
        /**
         * @param page messages that were not seen before
         * @param pass to which they belong
         */
        void take(List<DeadLetter> page, Pass pass);
    }

    /**
     * @param hold how long a message is hidden at a time
     */
    public Pass(DeadLetterQueue queue, Reasons reasons, Duration hold) {
        this.queue = queue;
        this.reasons = reasons;
        this.holds = new Holds(queue, hold);
    }

    /** Goes on until the queue gives no more, it was stopped, or a call failed. */
    public void run(Taker taker) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            threads.add(Thread.ofVirtual().name("look-", i).start(() -> look(taker)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void look(Taker taker) {
        int empty = 0;
        try {
            while (!isStopped() && !enough && empty < MAX_EMPTY && stalePages.get() < MAX_SEEN) {
                List<DeadLetter> page = page();
                if (page == null) {
                    empty++;
                } else if (page.isEmpty()) {
                    stalePages.incrementAndGet();
                } else {
                    empty = 0;
                    stalePages.set(0);
                    taker.take(page, this);
                }
            }
        } catch (OverLimitException e) {
            // It hides no more at a time. Its counts tell of the others.
        } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
            stop();
        }
    }

    /** What is new in one answer of the queue, or null where that has none. */
    private List<DeadLetter> page() {
        List<Message> messages = queue.receive(holds.seconds());
        messages.forEach(holds::add);
        return messages.isEmpty()
                ? null
                : messages.stream()
                        .filter(message -> seen.add(message.messageId()))
                        .map(reasons::of)
                        .toList();
    }

    /** The queue that it goes through. */
    DeadLetterQueue queue() {
        return queue;
    }

    /** These are not to become visible at the end. */
    void forget(List<DeadLetter> letters) {
        letters.forEach(holds::forget);
    }

    /** Receives nothing more; what was received is still dealt with. */
    void enough() {
        enough = true;
    }

    /** Whether it ended although the queue may have more. */
    public boolean isCutShort() {
        return enough || isStopped();
    }

    /** Begins nothing new. */
    public void stop() {
        stopped.countDown();
    }

    boolean isStopped() {
        return stopped.getCount() == 0;
    }

    /** Waits, unless it is stopped; says whether it was not. */
    boolean pause(long nanos) {
        try {
            return !stopped.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** How many messages it hides now. */
    public int hidden() {
        return holds.size();
    }

    /** How many messages it has seen. */
    public int seen() {
        return seen.size();
    }

    /** What ended it before its time, an {@code SdkException} where a call failed. */
    public Optional<RuntimeException> failure() {
        return Optional.ofNullable(failure.get());
    }

    /** Makes visible what is hidden still; says how many could not be. */
    public int release() {
        return holds.release();
    }

    /** Without making anything visible. */
    @Override
    public void close() {
        stop();
        holds.close();
    }
}
