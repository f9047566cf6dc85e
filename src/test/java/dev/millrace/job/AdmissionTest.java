package dev.millrace.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Messages;
import dev.millrace.testing.Slow;
import dev.millrace.testing.WaitsMostly;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@WaitsMostly
class AdmissionTest {
    private static final double VISIBILITY_SECONDS = 10;
    private static final long PATIENCE_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private static Admission admission(int messages, long bytes) {
        return new Admission(messages, bytes, 4, VISIBILITY_SECONDS, PATIENCE_NS);
    }

    @Test
    void noMoreMessagesThanAllowedAreAdmitted() throws Exception {
        Admission admission = admission(25, 100);
        assertEquals(10, admission.acquire(10));
        assertEquals(10, admission.acquire(10));
        assertEquals(5, admission.acquire(10));
        assertEquals(25, admission.taken());

        Thread waiter = Thread.ofVirtual().start(() -> take(admission));
        waiter.join(200);
        assertTrue(waiter.isAlive(), "it must wait for a permit");
        admission.unused(1);
        waiter.join();
        assertEquals(25, admission.taken());
    }

    @Test
    void fewAreAdmittedWhileOnlyFewMayBe() throws Exception {
        AtomicInteger most = new AtomicInteger(3);
        Admission admission = admission(25, 100);
        admission.bound().atMost(most::get);
        admission.bound().besides(() -> 2);
        assertEquals(5, admission.acquire(10), "those that wait for somebody else do not count");
        assertEquals(5, admission.limit());
        most.set(Integer.MAX_VALUE);
        assertEquals(10, admission.acquire(10));
        assertEquals(25, admission.limit());
    }

    @Test
    void thePermitsOfAPollAreNotInFlight() throws Exception {
        Admission admission = admission(25, 100);
        assertEquals(10, admission.acquire(10));
        assertEquals(0, admission.inFlight());
        assertEquals(10, admission.taken());
        admission.polled(10, 3);
        assertEquals(3, admission.inFlight());
        assertEquals(3, admission.taken());
        admission.unused(1);
        assertEquals(2, admission.inFlight());
    }

    @Test
    void aReceiverWithoutPatienceTakesTheOnlyPermitAtOnce() throws Exception {
        // The least of some, since others may have the core in between.
        long leastNs = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            leastNs = Math.min(leastNs, nanosForTheOnlyPermit(0));
        }
        assertTrue(leastNs < TimeUnit.MILLISECONDS.toNanos(400), leastNs + " ns");
    }

    /** Negative control: with patience it waits for a quarter of the limit. */
    @Test
    void aReceiverWithPatienceWaitsForMore() throws Exception {
        long patienceNs = TimeUnit.MILLISECONDS.toNanos(500);
        assertTrue(nanosForTheOnlyPermit(patienceNs) >= patienceNs);
    }

    private static long nanosForTheOnlyPermit(long patienceNs) throws InterruptedException {
        long startNs = System.nanoTime();
        Admission admission = new Admission(20, 100, 4, VISIBILITY_SECONDS, patienceNs);
        assertEquals(10, admission.acquire(10));
        assertEquals(9, admission.acquire(9));
        assertEquals(1, admission.acquire(10));
        return System.nanoTime() - startNs;
    }

    /** Each receiver asks whether admission is paused when it comes, and when it is woken. */
    @Test
    void bytesThatComeBackWakeNoReceiver() throws Exception {
        Admission admission = admission(10, 1000);
        assertEquals(10, admission.acquire(10));
        assertTrue(admission.tryReserve(900));
        AtomicInteger looks = new AtomicInteger();
        admission.pauseWhile(() -> looks.incrementAndGet() < 0);
        Thread waiter = Thread.ofPlatform().start(() -> take(admission));
        while (waiter.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        int before = looks.get();
        long startNs = System.nanoTime();
        for (int i = 0; i < 900; i++) {
            admission.giveBack(1);
        }
        Thread.sleep(20);
        // It looks now and then without being woken, too.
        long mayLook = 1 + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs) / 10;
        assertTrue(looks.get() - before <= mayLook, looks.get() - before + " looks");
        admission.unused(1);
        waiter.join();
    }

    @Test
    void aReceiverGoesOnWhenBytesAreLeftAgain() throws Exception {
        Admission admission = admission(10, 1000);
        assertEquals(5, admission.acquire(5));
        assertTrue(admission.tryReserve(1000));
        Thread waiter = Thread.ofVirtual().start(() -> take(admission));
        waiter.join(200);
        assertTrue(waiter.isAlive(), "it must wait for bytes");
        admission.giveBack(1);
        waiter.join();
        assertEquals(10, admission.taken());
    }

    private static void take(Admission admission) {
        try {
            admission.acquire(10);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void nothingIsAdmittedWhileNoBytesAreLeft() throws Exception {
        Admission admission = admission(25, 100);
        admission.reserve(100);
        Thread waiter = Thread.ofVirtual().start(() -> take(admission));
        waiter.join(200);
        assertTrue(waiter.isAlive(), "it must wait for bytes");
        admission.giveBack(1);
        waiter.join();
        assertEquals(10, admission.taken());
    }

    @Test
    void nothingIsPolledWhileImagesWait() throws Exception {
        Admission admission = admission(25, 100);
        assertEquals(1, admission.acquire(1));
        admission.waiting(30);
        admission.polled(1, 1, 31);
        assertEquals(20, admission.more(20, 0));
        assertEquals(0, admission.tryAcquire(10), "4 permits are free, and 10 images wait");
        admission.waiting(-10);
        assertEquals(1, admission.tryAcquire(10), "the next message may have 31 images, too");
        assertEquals(0, admission.tryAcquire(10), "those that are asked for may have as many");
    }

    @Test
    void aPollAsksForFewerMessagesWhereEachHasSeveralImages() throws Exception {
        Admission admission = admission(100, 100);
        assertEquals(10, admission.acquire(10));
        admission.polled(10, 10, 200);
        admission.unused(10);
        assertEquals(5, admission.tryAcquire(10), "of 20 images each");
        assertEquals(0, admission.tryAcquire(10));
        admission.polled(5, 0);
        for (int i = 0; i < 40; i++) {
            assertTrue(admission.tryAcquire(1) > 0);
            admission.polled(1, 1, 1);
            admission.unused(1);
        }
        assertTrue(admission.tryAcquire(10) > 7, "messages of one image have come since");
    }

    @Test
    void whatAMessageHeldComesBackOnce() throws Exception {
        Admission admission = admission(25, 100);
        admission.acquire(2);
        admission.reserve(60);
        Message message = message();
        message.usage().body(60, admission);
        message.usage().texts(20, admission);
        assertEquals(80, admission.bytesInFlight());
        admission.release(message);
        assertEquals(1, admission.taken());
        assertEquals(0, admission.bytesInFlight());
        admission.release(message);
        assertEquals(0, admission.bytesInFlight());
    }

    private static Message message() {
        return Messages.of("a", "b");
    }

    @Test
    void anImageGoesBackWhenTheLastHasReadIt() throws Exception {
        Admission admission = admission(25, 100);
        admission.acquire(1);
        admission.reserve(60);
        Message message = message();
        message.usage().body(60, admission);
        message.usage().share();
        message.usage().share();
        message.usage().read();
        message.usage().read();
        assertEquals(60, admission.bytesInFlight());
        message.usage().read();
        assertEquals(0, admission.bytesInFlight());
        admission.release(message);
        assertEquals(0, admission.bytesInFlight());
        assertEquals(0, admission.taken());
    }

    @Test
    void whoeverReturnsAnImageReturnsItOnce() throws Exception {
        Admission admission = admission(100_000, 100);
        for (int round = 0; round < 2000; round++) {
            assertEquals(1, admission.acquire(1));
            admission.reserve(60);
            Message message = message();
            message.usage().body(60, admission);
            Thread reader = Thread.ofVirtual().start(message.usage()::read);
            admission.release(message);
            reader.join();
            assertEquals(0, admission.bytesInFlight());
        }
    }

    @Test
    void largeTextsStopPollingAndNotTheDownloadsThatSettleThem() throws Exception {
        Admission admission = admission(25, 100);
        assertEquals(5, admission.acquire(5));
        Message message = message();
        // Far more than there is: they were received before anybody could count them.
        message.usage().texts(500, admission);
        Thread waiter = Thread.ofVirtual().start(() -> take(admission));
        waiter.join(200);
        assertTrue(waiter.isAlive(), "it must wait for the texts to go");
        admission.reserve(100);
        assertFalse(admission.tryReserve(1), "one download at a time");
        admission.giveBack(100);
        assertTrue(admission.tryReserve(1));
        admission.release(message);
        waiter.join();
        assertEquals(14, admission.taken());
        assertEquals(1, admission.bytesInFlight());
    }

    @Test
    void theLimitFollowsTheMeasuredRate() throws Exception {
        Admission admission = admission(1000, 100);
        assertEquals(1000, admission.limit(), "nothing is measured yet");
        receive(admission, 100);
        long startNs = System.nanoTime();
        // About 40 a second for a little more than the window of two seconds.
        int released = 0;
        while (System.nanoTime() - startNs < 2_200_000_000L) {
            Thread.sleep(25);
            admission.release(message());
            receive(admission, 1);
            released++;
        }
        double actual = released / ((System.nanoTime() - startNs) / 1e9);
        double rate = admission.limit() / VISIBILITY_SECONDS;
        assertTrue(rate > 0.375 * actual && rate < 41, rate + " a second of " + actual);
    }

    @Test
    void theLimitFollowsTheCalls() throws Exception {
        // So long a visibility forbids nothing.
        Admission admission = new Admission(1000, 100, 4, 1e6, PATIENCE_NS);
        StageClock calls = new StageClock();
        // So old that it must not count.
        calls.add(TimeUnit.HOURS.toNanos(1));
        admission.bound().follow(() -> 32, calls::busyNs);
        assertEquals(256 + 32, admission.limit(), "nothing is measured yet");
        receive(admission, 10);
        Thread.sleep(2100);
        calls.add(TimeUnit.SECONDS.toNanos(200));
        admission.release(message());
        int limit = admission.limit();
        assertTrue(limit > 256 + 32 + 150 && limit <= 256 + 32 + 200, limit + " for 100 in calls");
        Admission small = admission(40, 100);
        small.bound().follow(() -> 32);
        assertEquals(40, small.limit(), "never more than the most");
    }

    @Test
    void aPausedWorkerAdmitsNothingAndForgetsNoRate() throws Exception {
        Admission admission = admission(1000, 100);
        assertEquals(10, admission.acquire(10));
        AtomicBoolean paused = new AtomicBoolean(true);
        admission.pauseWhile(paused::get);
        CountDownLatch admitted = new CountDownLatch(1);
        Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                while (admission.acquire(10) == 0) {
                                    // Each asks for a second.
                                }
                                admitted.countDown();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        assertFalse(admitted.await(2500, TimeUnit.MILLISECONDS));
        assertEquals(1000, admission.limit(), "an outage is no measure of speed");
        paused.set(false);
        assertTrue(admitted.await(20, TimeUnit.SECONDS));
    }

    @Test
    void messagesThatWaitForSomebodyElseKeepNobodyOut() throws Exception {
        Admission admission = admission(1000, 100);
        AtomicInteger held = new AtomicInteger();
        admission.bound().besides(held::get);
        receive(admission, 4);
        Thread.sleep(2100);
        assertEquals(
                0, admission.acquire(1), "the control: a stalled worker has its floor in hand");
        held.set(4);
        assertEquals(4, admission.acquire(10));
        held.set(2000);
        assertEquals(1000, admission.limit(), "never more than the most");
    }

    @Test
    void aStalledWorkerIsLeftAFloor() throws Exception {
        Admission admission = admission(1000, 100);
        receive(admission, 100);
        Thread.sleep(2100);
        assertEquals(4, admission.limit());
    }

    /** A burst that comes after a quiet minute meets the limit of the one before. */
    @Test
    @Slow
    void pollsThatBringNothingAreNoMeasureOfSpeed() throws Exception {
        Admission admission = admission(1000, 100);
        receive(admission, 100);
        for (int i = 0; i < 100; i++) {
            admission.release(message());
        }
        Thread.sleep(2100);
        int limit = admission.limit();
        assertTrue(limit > 300, limit + " after 100 in 2 s");
        // The window that follows may have begun with work; those after it have none.
        for (int i = 0; i < 3; i++) {
            assertEquals(10, admission.acquire(10));
            Thread.sleep(2100);
            admission.polled(10, 0);
        }
        assertTrue(admission.limit() >= limit / 2, admission.limit() + " of " + limit);
    }

    private static void receive(Admission admission, int messages) throws InterruptedException {
        int permits = admission.acquire(messages);
        assertEquals(messages, permits);
        admission.polled(permits, messages);
    }

    @Test
    void aLargeImageIsNotOvertakenForEver() throws Exception {
        Admission admission = admission(25, 100);
        List<String> order = new CopyOnWriteArrayList<>();
        admission.reserve(60);
        Thread large = Thread.ofVirtual().start(() -> reserve(admission, 80, "large", order));
        large.join(200);
        assertFalse(admission.tryReserve(10), "somebody waits");
        Thread small = Thread.ofVirtual().start(() -> reserve(admission, 10, "small", order));
        small.join(200);
        assertEquals(List.of(), order, "10 would fit, but 80 came first");
        admission.giveBack(60);
        large.join();
        small.join();
        assertEquals(Set.of("large", "small"), Set.copyOf(order));
        assertEquals(90, admission.bytesInFlight());
    }

    @Test
    void whoeverGivesUpWaitingHoldsUpNobody() throws Exception {
        Admission admission = admission(25, 100);
        List<String> order = new CopyOnWriteArrayList<>();
        admission.reserve(60);
        Thread large = Thread.ofVirtual().start(() -> reserve(admission, 80, "large", order));
        large.join(200);
        Thread small = Thread.ofVirtual().start(() -> reserve(admission, 10, "small", order));
        small.join(200);
        large.interrupt();
        large.join();
        small.join();
        assertEquals(List.of("small"), order);
        assertTrue(admission.tryReserve(10));
    }

    private static void reserve(Admission admission, long bytes, String name, List<String> order) {
        try {
            admission.reserve(bytes);
            order.add(name);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aClosedAdmissionAdmitsNobody() throws Exception {
        Admission admission = admission(1, 100);
        admission.acquire(1);
        Thread waiter = Thread.ofVirtual().start(() -> take(admission));
        admission.close();
        waiter.join();
        assertEquals(0, admission.acquire(1));
        assertEquals(1, admission.taken());
    }
}
