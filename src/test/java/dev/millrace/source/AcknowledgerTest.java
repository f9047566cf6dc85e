package dev.millrace.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.duty.Duties;
import dev.millrace.job.Admission;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Stage;
import dev.millrace.job.StageClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;

/** Drives the duty by hand, so that no test waits. */
class AcknowledgerTest {
    private static final long LINGER_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long REST_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final Failure FAILURE =
            new Failure(Failure.Kind.CALLBACK_FAILED, Stage.CALLBACK, "nobody listens");

    private final QueueSettings settings = QueueSettings.of("http://127.0.0.1:1/0/images");
    private final ScriptedSqs sqs = new ScriptedSqs();
    private final Counters counters = new Counters();
    private final Duties duties =
            new Duties(
                    why -> {
                        throw new AssertionError(why);
                    });
    private final VisibilityKeeper keeper =
            new VisibilityKeeper(sqs, settings, atOnce(), counters, duties);
    private final Admission admission = new Admission(64, 1 << 20, 64, 60, 0);
    private final Acknowledger acknowledger = acknowledger(64);
    private final long startNs = System.nanoTime();

    /** Each call on the thread that begins it. */
    private static ConcurrentCalls atOnce() {
        return new ConcurrentCalls(1, 4, BatchCalls.MAX, Runnable::run);
    }

    private Acknowledger acknowledger(int maxMessages) {
        return new Acknowledger(
                new BatchCalls(sqs, settings.url()),
                atOnce(),
                maxMessages,
                keeper,
                admission,
                counters,
                new StageClock(),
                duties);
    }

    private List<Message> received(int count) throws InterruptedException {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            assertEquals(1, admission.acquire(1));
            admission.reserve(100);
            Message message = SourceMessages.of("receipt-" + i, startNs, acknowledger);
            message.usage().body(100, admission);
            keeper.track(message);
            messages.add(message);
        }
        return messages;
    }

    private List<Message> settled(int count, Outcome outcome) throws InterruptedException {
        List<Message> messages = received(count);
        messages.forEach(message -> message.settle(outcome));
        return messages;
    }

    private void assertAllReturned() {
        assertEquals(0, admission.taken());
        assertEquals(0, admission.bytesInFlight());
        assertEquals(List.of(), List.copyOf(keeper.inFlight()));
    }

    @Test
    void fullBatchesGoAtOnceAndTheRestWaitsForCompany() throws InterruptedException {
        settled(23, new Outcome.Delivered());
        acknowledger.doWork(startNs);
        assertEquals(List.of(10, 10), sqs.deletes.stream().map(List::size).toList());
        assertEquals(3, admission.taken());

        acknowledger.doWork(startNs + LINGER_NS - 1);
        assertEquals(2, sqs.deletes.size());
        acknowledger.doWork(startNs + LINGER_NS);
        assertEquals(List.of(10, 10, 3), sqs.deletes.stream().map(List::size).toList());
        assertEquals(23, counters.get(Counter.DELETED));
        assertAllReturned();
    }

    @Test
    void oneOfTenIsRefusedOnceAndDeletedInTheEnd() throws InterruptedException {
        List<String> refusedOnce = new ArrayList<>(List.of("receipt-4"));
        sqs.refuses = refusedOnce::remove;
        settled(10, new Outcome.Delivered());

        acknowledger.doWork(startNs);
        assertEquals(9, counters.get(Counter.DELETED));
        assertEquals(1, counters.get(Counter.ACKNOWLEDGE_ERRORS));
        assertEquals(9, counters.totals().count());
        assertEquals(1, admission.taken());

        acknowledger.doWork(startNs + 1);
        assertEquals(1, sqs.deletes.size(), "tried again without a pause");
        acknowledger.doWork(startNs + TimeUnit.SECONDS.toNanos(1));
        assertEquals(List.of("receipt-4"), sqs.deletes.getLast());
        assertEquals(10, counters.get(Counter.DELETED));
        assertEquals(10, counters.totals().count());
        assertEquals(TimeUnit.SECONDS.toNanos(1), counters.totals().totalNs(), "of the last");
        assertAllReturned();
    }

    @Test
    void aFifthOfTheEntriesIsThrottledAndAllAreDeletedInTheEnd() throws InterruptedException {
        int[] asked = {0};
        sqs.refuses = _ -> ++asked[0] % 5 == 0;
        settled(50, new Outcome.Delivered());
        for (int second = 0; second < 30; second++) {
            acknowledger.doWork(startNs + TimeUnit.SECONDS.toNanos(second));
        }
        assertEquals(50, counters.get(Counter.DELETED));
        assertTrue(counters.get(Counter.ACKNOWLEDGE_ERRORS) >= 10);
        assertAllReturned();
    }

    @Test
    void aFailedCallReturnsNothingAndIsTriedAgain() throws InterruptedException {
        sqs.failingCalls = 1;
        settled(10, new Outcome.Delivered());
        acknowledger.doWork(startNs);
        assertEquals(10, counters.get(Counter.ACKNOWLEDGE_ERRORS));
        assertEquals(10, admission.taken());

        acknowledger.doWork(startNs + 1);
        assertEquals(0, sqs.deletes.size(), "tried again without a pause");
        acknowledger.doWork(startNs + TimeUnit.SECONDS.toNanos(1));
        assertEquals(10, counters.get(Counter.DELETED));
        assertAllReturned();
    }

    @Test
    void anEntryThatIsAlwaysRefusedIsGivenUp() throws InterruptedException {
        sqs.refuses = _ -> true;
        settled(1, new Outcome.Delivered());
        for (int second = 0; second < 59; second++) {
            acknowledger.doWork(startNs + TimeUnit.SECONDS.toNanos(second));
        }
        assertEquals(10, sqs.deletes.size());
        assertEquals(0, counters.get(Counter.DELETED));
        assertAllReturned();
    }

    @Test
    void nothingIsSaidForALostLease() throws InterruptedException {
        List<Message> messages = received(2);
        messages.forEach(Message::loseLease);
        messages.getFirst().settle(new Outcome.Delivered());
        messages.getLast().settle(new Outcome.Retry(Duration.ZERO, FAILURE));
        acknowledger.doWork(startNs);
        acknowledger.doWork(startNs + LINGER_NS);
        assertEquals(List.of(), sqs.deletes);
        assertEquals(List.of(), sqs.changes);
        assertEquals(2, counters.get(Counter.STALE));
        assertEquals(0, counters.get(Counter.DELETED) + counters.get(Counter.RETRIED));
        assertAllReturned();
    }

    @Test
    void aLeaseThatRanOutUnnoticedIsLostToo() throws InterruptedException {
        sqs.failingCalls = Integer.MAX_VALUE;
        Message message = settled(1, new Outcome.Delivered()).getFirst();
        acknowledger.doWork(startNs);
        acknowledger.doWork(startNs + settings.visibility().toNanos() - REST_NS);
        assertEquals(1, admission.taken());

        sqs.failingCalls = 0;
        acknowledger.doWork(startNs + settings.visibility().toNanos());
        assertTrue(message.leaseLost());
        assertEquals(List.of(), sqs.deletes);
        assertEquals(1, counters.get(Counter.STALE));
        assertAllReturned();
    }

    /** A call has a thread of its own, which a busy machine may start late. */
    @Test
    void aLeaseThatIsLostBeforeItsCallBeginsIsLostToo() throws InterruptedException {
        List<Runnable> calls = new ArrayList<>();
        Acknowledger late =
                new Acknowledger(
                        new BatchCalls(sqs, settings.url()),
                        new ConcurrentCalls(1, 4, BatchCalls.MAX, calls::add),
                        64,
                        keeper,
                        admission,
                        counters,
                        new StageClock(),
                        duties);
        List<Message> messages = new ArrayList<>();
        for (String receipt : List.of("lost", "ours", "lost too")) {
            assertEquals(1, admission.acquire(1));
            Message message = SourceMessages.of(receipt, startNs, late);
            keeper.track(message);
            message.settle(new Outcome.Delivered());
            messages.add(message);
        }
        late.doWork(startNs);
        late.doWork(startNs + LINGER_NS);
        assertEquals(1, calls.size());
        messages.getFirst().loseLease();
        messages.getLast().loseLease();
        calls.removeFirst().run();
        assertEquals(List.of(List.of("ours")), sqs.deletes);
        late.doWork(startNs + LINGER_NS);
        assertEquals(2, counters.get(Counter.STALE));
        assertEquals(1, counters.get(Counter.DELETED));
        assertEquals(0, late.waiting());
        assertAllReturned();
    }

    @Test
    void aRetryHidesTheMessageForWholeSeconds() throws InterruptedException {
        List<Message> messages = received(3);
        messages.get(0).settle(new Outcome.Retry(Duration.ZERO, FAILURE));
        messages.get(1).settle(new Outcome.Retry(Duration.ofMillis(1500), FAILURE));
        messages.get(2).settle(new Outcome.Retry(Duration.ofDays(1), FAILURE));
        acknowledger.doWork(startNs);
        acknowledger.doWork(startNs + LINGER_NS);
        assertEquals(
                List.of(0, 2, 43_200),
                sqs.changes.getFirst().stream()
                        .map(ChangeMessageVisibilityBatchRequestEntry::visibilityTimeout)
                        .toList());
        assertEquals(3, counters.get(Counter.RETRIED));
        assertEquals(0, counters.totals().count(), "they are not at their end");
        assertAllReturned();
    }

    @Test
    void aRejectedMessageIsLeftAlone() throws InterruptedException {
        settled(1, new Outcome.Rejected(FAILURE));
        acknowledger.doWork(startNs);
        assertEquals(List.of(), sqs.deletes);
        assertEquals(List.of(), sqs.changes);
        assertEquals(1, counters.get(Counter.REJECTED));
        assertAllReturned();
    }

    @Test
    void aHeartbeatOnItsWayIsNotOvertaken() throws InterruptedException {
        Message message = received(1).getFirst();
        long beatNs = startNs + settings.visibility().toNanos() / 3;
        sqs.duringChange =
                () -> {
                    message.settle(new Outcome.Retry(Duration.ZERO, FAILURE));
                    acknowledger.doWork(beatNs);
                    acknowledger.doWork(beatNs + LINGER_NS);
                };
        keeper.doWork(beatNs);
        assertEquals(1, sqs.changes.size(), "the retry overtook the heartbeat");

        sqs.duringChange = () -> {};
        acknowledger.doWork(beatNs + LINGER_NS);
        assertEquals(0, sqs.changes.getLast().getFirst().visibilityTimeout());
        assertEquals(2, sqs.changes.size());
    }

    @Test
    void noHeartbeatFollowsWhatWasSaid() throws InterruptedException {
        settled(1, new Outcome.Retry(Duration.ZERO, FAILURE));
        sqs.failingCalls = 1;
        acknowledger.doWork(startNs);
        acknowledger.doWork(startNs + LINGER_NS);
        // The answer was lost, so the queue may already have made it visible.
        assertEquals(0, keeper.doWork(startNs + settings.visibility().toNanos() / 2));
        assertEquals(List.of(), sqs.changes);
    }

    @Test
    void moreMessagesThanAdmittedAreAMistake() {
        Acknowledger small = acknowledger(2);
        SourceMessages.of("a", startNs, small).settle(new Outcome.Delivered());
        SourceMessages.of("b", startNs, small).settle(new Outcome.Delivered());
        Message third = SourceMessages.of("c", startNs, small);
        assertThrows(IllegalStateException.class, () -> third.settle(new Outcome.Delivered()));
    }

    @Test
    void aFlushDoesNotWaitForCompanyAndSaysWhenItFails() throws InterruptedException {
        settled(3, new Outcome.Delivered());
        assertFalse(acknowledger.flush(Duration.ofMillis(50)), "nobody acknowledges yet");
        acknowledger.start();
        assertTrue(acknowledger.flush(Duration.ofSeconds(5)));
        acknowledger.close();
        assertEquals(3, counters.get(Counter.DELETED));
        assertAllReturned();
    }
}
