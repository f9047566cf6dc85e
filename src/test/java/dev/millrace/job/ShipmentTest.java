package dev.millrace.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;

/** A message of several images: what its permits, its images and its end are. */
class ShipmentTest {
    private static final long SEED = Long.getLong("millrace.seed", 20_261_127);
    private static final Outcome DELIVERED = new Outcome.Delivered();
    private static final Outcome DRAINING = Outcome.Retry.draining(Stage.FETCH);

    private final BlockingQueue<Message> handed = new LinkedBlockingQueue<>();
    private final List<String> images = new ArrayList<>();
    private final BlockingQueue<Outcome> ends = new LinkedBlockingQueue<>();
    private final Settlement settlement =
            new Settlement() {
                @Override
                public void settled(Message message, Outcome outcome) {
                    ends.add(outcome);
                }

                @Override
                public void imageSettled(Message image, Outcome outcome) {
                    synchronized (images) {
                        images.add(image.id());
                    }
                }
            };

    /** As after a poll that brought one message. */
    private static Admission admission(int most) throws InterruptedException {
        Admission admission = new Admission(most, 1 << 20, most, 1e6, 0);
        assertEquals(1, admission.acquire(1));
        admission.polled(1, 1);
        return admission;
    }

    private Shipment shipment(int count, Admission admission) {
        return shipment(count, admission, handed::add);
    }

    private Shipment shipment(int count, Admission admission, Consumer<Message> consumer) {
        return shipment(count, new WaitingImages(admission, consumer));
    }

    private Shipment shipment(int count, WaitingImages waiting) {
        List<Request> requests =
                IntStream.range(0, count)
                        .mapToObj(
                                i ->
                                        new Request(
                                                "m_" + i,
                                                "s3://photos/" + i + ".jpg",
                                                List.of("safety"),
                                                new Destination.Callback(
                                                        HttpUrl.get("http://c.test/")),
                                                Optional.empty()))
                        .toList();
        return new Shipment(new Delivery("m", "receipt", 2, 0, 0), requests, settlement, waiting);
    }

    private static Outcome retry(int seconds) {
        return new Outcome.Retry(
                Duration.ofSeconds(seconds),
                new Failure(Failure.Kind.FETCH_FAILED, Stage.FETCH, "the host is down"));
    }

    @Test
    void eachImageHasAPermitAndTheLastIsTheMessages() throws Exception {
        Admission admission = admission(25);
        Shipment five = shipment(5, admission);
        five.start();
        assertEquals(5, handed.size());
        assertEquals(5, admission.inFlight());
        for (int left = 4; left > 0; left--) {
            handed.take().settle(DELIVERED);
            assertEquals(left, admission.inFlight());
            assertFalse(five.whole().isSettled());
        }
        handed.take().settle(DELIVERED);
        assertEquals(1, admission.inFlight(), "until the queue has taken its outcome");
        assertEquals(List.of(DELIVERED), List.copyOf(ends));
        admission.release(five.whole());
        assertEquals(0, admission.inFlight());
        assertEquals(List.of("m_0", "m_1", "m_2", "m_3", "m_4"), images);
    }

    @Test
    void whereNoPermitIsFreeOneImageFollowsTheOther() throws Exception {
        Admission admission = admission(2);
        assertEquals(1, admission.acquire(1));
        Shipment three = shipment(3, admission);
        three.start();
        for (int i = 0; i < 3; i++) {
            assertEquals(1, handed.size());
            assertEquals(2, admission.taken());
            handed.take().settle(DELIVERED);
        }
        assertTrue(three.whole().isSettled());
        admission.release(three.whole());
        assertEquals(1, admission.taken());
    }

    @Test
    void permitsThatAreFreeLaterAreTaken() throws Exception {
        Admission admission = admission(4);
        assertEquals(3, admission.acquire(3));
        shipment(6, admission).start();
        assertEquals(1, handed.size());
        admission.polled(3, 0);
        handed.take().settle(DELIVERED);
        assertEquals(4, handed.size());
        assertEquals(4, admission.taken());
    }

    @Test
    void theOldestMessageGoesFirstAndEachGoesOn() throws Exception {
        Admission admission = new Admission(4, 1 << 20, 4, 1e6, 0);
        assertEquals(2, admission.acquire(2));
        WaitingImages waiting = new WaitingImages(admission, handed::add);
        Shipment older = shipment(10, waiting);
        Shipment younger = shipment(10, waiting);
        older.start();
        younger.start();
        admission.polled(2, 2, 20);
        for (int left = 9; left > 1; left--) {
            List<Message> inHand = List.copyOf(handed);
            assertEquals(4, inHand.size());
            assertEquals(1, inHand.stream().filter(one -> one.whole() == younger.whole()).count());
            Message next =
                    inHand.stream()
                            .filter(one -> one.whole() == older.whole())
                            .findFirst()
                            .orElseThrow();
            handed.remove(next);
            next.settle(DELIVERED);
        }
        assertTrue(handed.stream().filter(one -> one.whole() == younger.whole()).count() > 1);
    }

    @Test
    void noFurtherImageOfALostMessageIsBegun() throws Exception {
        Admission admission = admission(1);
        Shipment many = shipment(100, admission);
        many.start();
        Message first = handed.take();
        many.whole().loseLease();
        first.settle(DELIVERED);
        assertEquals(0, handed.size());
        assertInstanceOf(Outcome.Rejected.class, ends.take());
        admission.release(many.whole());
        assertEquals(0, admission.taken());
    }

    @Test
    void whatIsToBeTriedAgainIsTheMessages() throws Exception {
        Shipment four = shipment(4, admission(25));
        four.start();
        handed.take().settle(DELIVERED);
        handed.take().settle(retry(60));
        handed.take()
                .settle(
                        new Outcome.Rejected(
                                new Failure(
                                        Failure.Kind.URL_FORBIDDEN, Stage.CALLBACK, "not there")));
        handed.take().settle(retry(30));
        Outcome.Retry end = assertInstanceOf(Outcome.Retry.class, ends.take());
        assertEquals(Duration.ofSeconds(60), end.after());
        assertEquals("image m_1: the host is down", end.failure().message());
        assertTrue(ends.isEmpty());
    }

    @Test
    void anImageThatNobodyMayBeToldOfKeepsTheMessageFromBeingDeleted() throws Exception {
        Shipment two = shipment(2, admission(25));
        two.start();
        handed.take()
                .settle(
                        new Outcome.Rejected(
                                new Failure(
                                        Failure.Kind.URL_FORBIDDEN, Stage.CALLBACK, "not there")));
        handed.take().settle(DELIVERED);
        assertInstanceOf(Outcome.Rejected.class, ends.take());
    }

    /** As the end of a worker settles what the keeper has. */
    @Test
    void theWholeGivenBackGivesBackWhatIsLeft() throws Exception {
        Admission admission = admission(3);
        Shipment six = shipment(6, admission);
        six.start();
        handed.take().settle(DELIVERED);
        assertEquals(3, admission.inFlight());
        assertTrue(six.whole().settle(DRAINING));
        assertFalse(six.whole().settle(DRAINING));
        assertEquals(Duration.ZERO, ((Outcome.Retry) ends.take()).after());
        assertEquals(6, images.size());
        assertEquals(3, handed.size(), "none is handed on any more");
        admission.release(six.whole());
        assertEquals(0, admission.inFlight());
    }

    @Test
    void whatEndsOneImageForAllIsNotTriedWithTheOthers() throws Exception {
        for (Outcome end :
                List.of(
                        DRAINING,
                        new Outcome.Rejected(
                                new Failure(Failure.Kind.LEASE_LOST, Stage.CALLBACK, "over")))) {
            Admission admission = admission(1);
            handed.clear();
            ends.clear();
            Shipment many = shipment(100, admission);
            many.start();
            handed.take().settle(end);
            assertEquals(0, handed.size());
            assertEquals(end.getClass(), ends.take().getClass());
            admission.release(many.whole());
            assertEquals(0, admission.inFlight());
        }
    }

    @Test
    void aLostLeaseIsLostForEachImage() throws Exception {
        Shipment two = shipment(2, admission(25));
        two.start();
        two.whole().loseLease();
        assertTrue(handed.take().leaseLost() && handed.take().leaseLost());
    }

    /** One thread that hands on and settles at once does not call itself a thousand times. */
    @Test
    void aThousandImagesThatEndAtOnce() throws Exception {
        Admission admission = admission(1);
        Shipment many = shipment(1000, admission, image -> image.settle(DELIVERED));
        many.start();
        assertEquals(List.of(DELIVERED), List.copyOf(ends));
        admission.release(many.whole());
        assertEquals(0, admission.inFlight());
    }

    @Test
    void noPermitIsLostWhateverTheOrder() throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < 200; round++) {
            int most = 1 + random.nextInt(8);
            Admission admission = admission(most);
            AtomicInteger seen = new AtomicInteger();
            ConcurrentLinkedQueue<Thread> threads = new ConcurrentLinkedQueue<>();
            boolean givenBack = random.nextInt(4) == 0;
            ends.clear();
            Shipment many =
                    shipment(
                            1 + random.nextInt(30) + 1,
                            admission,
                            image ->
                                    threads.add(
                                            Thread.startVirtualThread(
                                                    () -> {
                                                        seen.incrementAndGet();
                                                        Thread.yield();
                                                        image.settle(
                                                                seen.get() % 5 == 0
                                                                        ? retry(30)
                                                                        : DELIVERED);
                                                    })));
            many.start();
            if (givenBack) {
                many.whole().settle(DRAINING);
            }
            Outcome end = ends.poll(20, TimeUnit.SECONDS);
            assertTrue(end != null, "round " + round + ", seed " + SEED);
            for (Thread thread : threads) {
                thread.join();
            }
            assertTrue(ends.isEmpty(), "settled twice, seed " + SEED);
            assertEquals(1, admission.inFlight(), "round " + round + ", seed " + SEED);
            admission.release(many.whole());
            assertEquals(0, admission.inFlight());
        }
    }
}
