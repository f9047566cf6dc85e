package dev.millrace.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.duty.Duties;
import dev.millrace.job.Admission;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.StageClock;
import dev.millrace.job.Tracing;
import dev.millrace.net.AddressRules;
import dev.millrace.net.UrlPolicy;
import dev.millrace.testing.FarQueue;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WaitsMostly;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;

/** What one call at a time would not reach, at a queue that is far away. */
@WaitsMostly
class FarQueueTest {
    private static final int PERMITS = 4000;

    /** For a busy machine; what is proved is what runs at once. */
    private static final Duration LIMIT = Duration.ofSeconds(40);

    private final Counters counters = new Counters();
    private final Queue<Throwable> faults = new ConcurrentLinkedQueue<>();
    private final Duties duties = new Duties(faults::add);
    private final Admission admission = new Admission(PERMITS, 1 << 20, PERMITS, 60, 0);
    private FarQueue queue;
    private SqsClient client;
    private VisibilityKeeper keeper;
    private Acknowledger acknowledger;
    private SqsSource source;

    private void far(Duration roundTrip, Duration visibility) throws IOException {
        queue = new FarQueue(roundTrip);
        QueueSettings settings =
                QueueSettings.of(queue.url(), draft -> draft.visibility = visibility);
        client = SqsClients.create(settings);
        keeper = new VisibilityKeeper(client, settings, counters, duties);
        acknowledger = acknowledger(BatchCalls.MAX);
    }

    private Acknowledger acknowledger(Duration longest) {
        return new Acknowledger(
                new BatchCalls(client, queue.url()),
                new ConcurrentCalls("test-call", 1, Acknowledger.MAX_CALLS, longest),
                PERMITS,
                keeper,
                admission,
                counters,
                new StageClock(),
                duties);
    }

    @AfterEach
    void close() throws IOException, InterruptedException {
        if (source != null) {
            source.stop();
            assertTrue(source.awaitStopped(LIMIT), "a poll does not end");
        }
        acknowledger.close();
        keeper.close();
        client.close();
        queue.close();
        assertTrue(faults.isEmpty(), faults::toString);
    }

    private List<Message> received(int count) throws InterruptedException {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            assertEquals(1, admission.acquire(1));
            Message message = SourceMessages.of("r" + i, System.nanoTime(), acknowledger);
            keeper.track(message);
            messages.add(message);
        }
        return messages;
    }

    private void deliver(int count) throws InterruptedException {
        received(count).forEach(message -> message.settle(new Outcome.Delivered()));
    }

    private void awaitDeleted(int count) throws InterruptedException {
        Await.within(LIMIT, count + " deleted", () -> counters.get(Counter.DELETED) >= count);
    }

    @Test
    void manyAreAcknowledgedAtATimeInFullBatches() throws Exception {
        far(Duration.ofMillis(200), Duration.ofSeconds(30));
        acknowledger.start();
        deliver(1000);
        awaitDeleted(1000);
        assertEquals(1000, queue.deleted.get());
        assertEquals(100, queue.deletes.get());
        int calls = queue.mostRunning.get();
        assertTrue(calls > 1 && calls <= Acknowledger.MAX_CALLS, calls + " calls at once");
        Await.within(LIMIT, "all returned", () -> admission.taken() == 0);
        assertEquals(0, acknowledger.waiting());
    }

    @Test
    void aCallThatHangsStopsNoOtherAndIsNoProgress() throws Exception {
        far(Duration.ofMillis(10), Duration.ofSeconds(30));
        acknowledger = acknowledger(Duration.ofMillis(500));
        deliver(200);
        AtomicInteger begun = new AtomicInteger();
        CountDownLatch released = new CountDownLatch(1);
        queue.amid =
                _ -> {
                    if (begun.incrementAndGet() == 2) {
                        await(released);
                    }
                };
        acknowledger.start();
        awaitDeleted(190);
        assertEquals(20, begun.get(), "the client has given the call up and tries again");
        Await.within(
                LIMIT,
                "it is no progress",
                () -> {
                    Message more = SourceMessages.of("more", System.nanoTime(), acknowledger);
                    more.settle(new Outcome.Delivered());
                    return duties.stillNs("acknowledge", System.nanoTime()) > 300_000_000L;
                });
        int before = queue.deleted.get();
        deliver(10);
        Await.within(LIMIT, "the others go on", () -> queue.deleted.get() >= before + 10);
        released.countDown();
        Await.within(LIMIT, "all taken", () -> acknowledger.waiting() == 0);
        Await.within(
                LIMIT,
                "it goes on",
                () -> duties.stillNs("acknowledge", System.nanoTime()) < 100_000_000L);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void manyLeasesAreExtendedAtATime() throws Exception {
        Duration visibility = Duration.ofSeconds(60);
        far(Duration.ofMillis(200), visibility);
        List<Message> messages = received(600);
        long dueNs = System.nanoTime() + visibility.toNanos() / 3;
        // In a time of its own, since a call may fail on a busy machine and is then tried again.
        for (int quarters = 0; counters.get(Counter.HEARTBEATS) < 600; quarters++) {
            assertTrue(quarters < 60, counters.get(Counter.HEARTBEATS) + " extended");
            keeper.doWork(dueNs + TimeUnit.MILLISECONDS.toNanos(250) * quarters);
            Thread.sleep(250);
        }
        assertEquals(600, counters.get(Counter.HEARTBEATS));
        int calls = queue.mostRunning.get();
        assertTrue(calls >= 4 && calls <= VisibilityKeeper.MAX_CALLS, calls + " calls at once");
        assertEquals(0, messages.stream().filter(Message::leaseLost).count());
    }

    @Test
    void aBacklogIsReceivedByMorePollsAndAnEmptyQueueIsAskedByOne() throws Exception {
        far(Duration.ofMillis(50), Duration.ofSeconds(30));
        queue.most = _ -> 3;
        AtomicInteger taken = new AtomicInteger();
        queue.messages.release(600);
        start(queue.settings(), Duration.ofMillis(20), taken);
        Await.within(LIMIT, "all received", () -> taken.get() == 600);
        assertTrue(queue.mostRunning.get() >= 8, queue.mostRunning + " at once");
        // The polls of the backlog end within the second that each waits, and only one goes on.
        Await.within(LIMIT, "one is left", () -> queue.running() <= 1);
        Thread.sleep(1000);
        int before = queue.receives.get();
        Thread.sleep(2000);
        int calls = queue.receives.get() - before;
        assertTrue(calls >= 1 && calls <= 3, calls + " polls of a second in two seconds");
    }

    @Test
    void largeMessagesAreReceivedByTwoPolls() throws Exception {
        far(Duration.ofMillis(20), Duration.ofSeconds(30));
        queue.body(TestQueue.body("x".repeat(200_000)));
        AtomicInteger taken = new AtomicInteger();
        queue.messages.release(100);
        start(queue.settings(), Duration.ofMillis(20), taken);
        Await.within(LIMIT, "all received", () -> counters.get(Counter.RECEIVED) == 100);
        assertEquals(2, queue.mostRunning.get());
    }

    @Test
    void aTrickleIsFetchedByFewCalls() throws Exception {
        far(Duration.ofMillis(20), Duration.ofSeconds(30));
        AtomicInteger taken = new AtomicInteger();
        start(queue.settings(), Duration.ofMillis(20), taken);
        int sent = 200;
        for (int i = 0; i < sent; i++) {
            queue.messages.release();
            Thread.sleep(10);
        }
        Await.within(LIMIT, "all received", () -> taken.get() == sent);
        int calls = queue.receives.get();
        assertTrue(calls <= 0.8 * sent, calls + " calls for " + sent);
    }

    private void start(QueueSettings settings, Duration patience, AtomicInteger taken) {
        Consumer<Message> settle =
                message -> {
                    taken.incrementAndGet();
                    keeper.forget(message);
                    admission.release(message);
                };
        source =
                new SqsSource(
                        client,
                        settings,
                        new ContentsReader(
                                new UrlPolicy(
                                        new AddressRules(List.of()), Set.of(), Optional.empty())),
                        patience::toNanos,
                        admission,
                        keeper,
                        acknowledger,
                        Tracing.OFF,
                        counters,
                        new StageClock(),
                        duties);
        source.start(settle);
    }
}
