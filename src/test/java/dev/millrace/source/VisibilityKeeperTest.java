package dev.millrace.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.duty.Duties;
import dev.millrace.job.Admission;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Shipment;
import dev.millrace.job.WaitingImages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Drives the duty by hand, in seconds since a start near the overflow of the clock. */
class VisibilityKeeperTest {
    private static final long START_NS = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(30);

    private final QueueSettings settings =
            QueueSettings.of(
                    "http://127.0.0.1:1/0/images",
                    draft -> draft.deadline = Duration.ofSeconds(90));
    private final ScriptedSqs sqs = new ScriptedSqs();
    private final Counters counters = new Counters();
    private final Duties duties =
            new Duties(
                    why -> {
                        throw new AssertionError(why);
                    });
    private final VisibilityKeeper keeper =
            new VisibilityKeeper(
                    sqs,
                    settings,
                    new ConcurrentCalls(1, 4, BatchCalls.MAX, Runnable::run),
                    counters,
                    duties);

    private Message tracked(String receipt) {
        Message message = SourceMessages.of(receipt, START_NS, (_, _) -> {});
        keeper.track(message);
        return message;
    }

    private int at(long seconds) {
        try {
            return keeper.doWork(START_NS + TimeUnit.SECONDS.toNanos(seconds));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void eachThirdOfTheVisibility() {
        tracked("a");
        assertEquals(List.of(0, 1, 0, 1), List.of(at(19), at(20), at(39), at(40)));
        assertEquals(60, sqs.changes.getFirst().getFirst().visibilityTimeout());
        assertEquals("a", sqs.changes.getFirst().getFirst().receiptHandle());
        assertEquals(2, counters.get(Counter.HEARTBEATS));
    }

    @Test
    void inBatchesOfTen() {
        for (int i = 0; i < 25; i++) {
            tracked("receipt-" + i);
        }
        at(20);
        assertEquals(List.of(10, 10, 5), sqs.changes.stream().map(List::size).toList());
        assertEquals(25, counters.get(Counter.HEARTBEATS));
    }

    @Test
    void refusedHeartbeatsLoseTheLeaseOnlyWhenItsTimeIsOver() {
        sqs.refuses = "stale"::equals;
        Message stale = tracked("stale");
        Message good = tracked("good");
        for (int second = 20; second < 60; second++) {
            at(second);
        }
        assertFalse(stale.leaseLost());
        at(60);
        assertTrue(stale.leaseLost());
        assertFalse(good.leaseLost());
    }

    @Test
    void failedHeartbeatsAreTriedAgainSooner() {
        sqs.failingCalls = 3;
        Message message = tracked("a");
        for (int second = 20; second < 70; second++) {
            at(second);
        }
        assertEquals(0, sqs.failingCalls);
        assertFalse(message.leaseLost());
    }

    @Test
    void aCallThatFailsEndsTheRound() {
        sqs.failingCalls = 1;
        for (int i = 0; i < 25; i++) {
            tracked("receipt-" + i);
        }
        assertEquals(10, at(20));
        assertEquals(List.of(), sqs.changes);
        assertEquals(15, at(21));
        assertEquals(10, at(26));
    }

    @Test
    void nothingIsExtendedAfterTheDeadline() {
        Message message = tracked("a");
        for (int second = 20; second <= 80; second += 20) {
            assertEquals(1, at(second));
        }
        assertEquals(0, at(100));
        assertEquals(0, at(139));
        assertFalse(message.leaseLost());
        at(140);
        assertTrue(message.leaseLost());
        assertEquals(0, at(160));
        assertEquals(4, sqs.changes.size());
    }

    /** A message of two images, of which one works and the other waits for it. */
    @Test
    void theDeadlineCountsFromTheBeginningOfTheLastImage() throws Exception {
        AtomicLong second = new AtomicLong();
        List<Message> working = new ArrayList<>();
        Message whole = two(second, working);
        for (; second.get() <= 600; second.addAndGet(20)) {
            assertEquals(second.get() == 0 ? 0 : 1, at(second.get()), second + " s");
        }
        second.set(601);
        working.getFirst().settle(new Outcome.Delivered());
        assertEquals(2, working.size());
        for (int last = 620; last <= 680; last += 20) {
            assertEquals(1, at(last), last + " s");
        }
        assertEquals(0, at(700));
        at(740);
        assertTrue(whole.leaseLost());
    }

    @Test
    void theQueueHidesNoMessageForMoreThanTwelveHours() throws Exception {
        Message whole = two(new AtomicLong(), new ArrayList<>());
        int hours = 12 * 3600;
        for (int second = 20; second <= hours - 60; second += 20) {
            assertEquals(1, at(second), second + " s");
        }
        assertEquals(0, at(hours - 40));
        at(hours);
        assertTrue(whole.leaseLost());
    }

    private Message two(AtomicLong second, List<Message> working) throws InterruptedException {
        Admission admission =
                new Admission(
                        1,
                        1 << 20,
                        1,
                        1e6,
                        0,
                        () -> START_NS + TimeUnit.SECONDS.toNanos(second.get()));
        assertEquals(1, admission.acquire(1));
        Message one = SourceMessages.of("a", START_NS, (_, _) -> {});
        Shipment two =
                new Shipment(
                        one.delivery(),
                        List.of(one.request(), one.request()),
                        (_, _) -> {},
                        new WaitingImages(admission, working::add));
        keeper.track(two.whole());
        two.start();
        assertEquals(1, working.size());
        return two.whole();
    }

    @Test
    void aLateKeeperDoesNotReviveALease() {
        Message message = tracked("a");
        assertEquals(0, at(61));
        assertTrue(message.leaseLost());
        assertEquals(List.of(), sqs.changes);
    }

    @Test
    void inFlightIsWhatIsNotSettled() {
        Message forgotten = tracked("forgotten");
        Message settled = tracked("settled");
        Message open = tracked("open");
        keeper.forget(forgotten);
        settled.settle(new Outcome.Delivered());
        assertEquals(List.of(open), List.copyOf(keeper.inFlight()));
        assertEquals(2, at(20), "what is settled but not acknowledged still needs its lease");
    }
}
