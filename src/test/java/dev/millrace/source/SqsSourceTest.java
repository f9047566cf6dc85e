package dev.millrace.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.duty.Duties;
import dev.millrace.job.Admission;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Destination;
import dev.millrace.job.DropReason;
import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Stage;
import dev.millrace.job.StageClock;
import dev.millrace.job.Tracing;
import dev.millrace.net.AddressRules;
import dev.millrace.net.UrlPolicy;
import dev.millrace.testing.LogLines;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WaitsMostly;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;

/** The whole package against a queue server. */
@WaitsMostly
class SqsSourceTest {
    private static final Failure FAILURE =
            new Failure(Failure.Kind.FETCH_FAILED, Stage.FETCH, "the host is down");

    /** Source, keeper and acknowledger as a worker wires them. */
    private static final class Parts implements AutoCloseable {
        final Counters counters = new Counters();
        final Queue<Throwable> faults = new ConcurrentLinkedQueue<>();
        final Duties duties = new Duties(faults::add);
        final Admission admission;
        final VisibilityKeeper keeper;
        final Acknowledger acknowledger;
        final SqsSource source;

        Parts(TestQueue queue, Duration visibility, int maxMessages) {
            this(queue, queue.client(), visibility, maxMessages, Duration.ZERO);
        }

        Parts(
                TestQueue queue,
                SqsClient receiving,
                Duration visibility,
                int maxMessages,
                Duration patience) {
            QueueSettings settings = queue.settings(visibility);
            admission =
                    new Admission(
                            maxMessages,
                            1 << 20,
                            maxMessages,
                            visibility.toSeconds(),
                            TimeUnit.MILLISECONDS.toNanos(20));
            keeper = new VisibilityKeeper(queue.client(), settings, counters, duties);
            acknowledger =
                    new Acknowledger(
                            queue.client(),
                            settings,
                            maxMessages,
                            keeper,
                            admission,
                            counters,
                            new StageClock(),
                            duties);
            source =
                    new SqsSource(
                            receiving,
                            settings,
                            new ContentsReader(
                                    Destinations.callbacks(
                                                    new UrlPolicy(
                                                            new AddressRules(List.of()),
                                                            Set.of(),
                                                            Optional.empty()))
                                            .otherwise(
                                                    new Destination.Callback(
                                                            HttpUrl.get("http://c.test/"))),
                                    new RequestDefaults(List.of("safety"), Optional.empty())),
                            patience::toNanos,
                            admission,
                            keeper,
                            acknowledger,
                            Tracing.OFF,
                            counters,
                            new StageClock(),
                            duties);
        }

        Parts start(Consumer<Message> consumer) {
            acknowledger.start();
            source.start(consumer);
            return this;
        }

        @Override
        public void close() {
            assertTrue(faults.isEmpty(), faults::toString);
            source.stop();
            try {
                assertTrue(source.awaitStopped(Duration.ofSeconds(20)), "a receiver does not end");
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            acknowledger.close();
            keeper.close();
        }
    }

    private static List<String> bodies(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> TestQueue.body(prefix + i)).toList();
    }

    @Test
    void everyMessageIsHandedOnOnceAndDeleted() throws InterruptedException {
        try (TestQueue queue = new TestQueue(5);
                Parts parts = new Parts(queue, Duration.ofSeconds(30), 64)) {
            queue.send(bodies("m", 200));
            Queue<Message> seen = new ConcurrentLinkedQueue<>();
            parts.start(
                    message -> {
                        seen.add(message);
                        message.settle(new Outcome.Delivered());
                    });
            Await.within(
                    Duration.ofSeconds(10),
                    "200 deleted",
                    () -> parts.counters.get(Counter.DELETED) == 200);
            assertEquals(200, seen.size());
            assertEquals(
                    200, seen.stream().map(message -> message.request().id()).distinct().count());
            assertEquals(1, seen.peek().delivery().receiveCount());
            long ageMs = System.currentTimeMillis() - seen.peek().delivery().sentAtMs();
            assertTrue(ageMs >= 0 && ageMs < 60_000, "sent " + ageMs + " ms ago");
            assertEquals(0, queue.left());

            parts.source.stop();
            assertTrue(parts.source.awaitStopped(Duration.ofSeconds(20)));
            assertEquals(0, parts.admission.taken());
            assertEquals(0, parts.keeper.inFlight().size());
        }
    }

    @Test
    void neverMoreThanAdmissionPermitsIsTaken() throws InterruptedException {
        try (TestQueue queue = new TestQueue(5);
                Parts parts = new Parts(queue, Duration.ofSeconds(30), 8)) {
            queue.send(bodies("m", 100));
            Queue<Message> held = new ConcurrentLinkedQueue<>();
            parts.start(held::add);
            Await.within(Duration.ofSeconds(5), "8 held", () -> held.size() == 8);
            Thread.sleep(500);
            assertEquals(8, held.size());
            assertEquals(8, queue.status().inFlight());
            assertEquals(92, queue.status().visible());

            Await.within(
                    Duration.ofSeconds(10),
                    "100 deleted",
                    () -> {
                        assertTrue(parts.keeper.inFlight().size() <= 8);
                        for (Message one = held.poll(); one != null; one = held.poll()) {
                            one.settle(new Outcome.Delivered());
                        }
                        return parts.counters.get(Counter.DELETED) == 100;
                    });
            assertEquals(0, queue.left());
        }
    }

    @Test
    void messagesThatTrickleInAreFetchedSeveralAtATime() throws Exception {
        int patient = callsFor(50, Duration.ofSeconds(1));
        int impatient = callsFor(50, Duration.ZERO);
        assertTrue(
                2 * patient < impatient, patient + " calls with patience, " + impatient + " else");
    }

    /** Receive calls that it takes while a message comes each 20 ms. */
    private static int callsFor(int messages, Duration patience) throws InterruptedException {
        AtomicInteger calls = new AtomicInteger();
        try (TestQueue queue = new TestQueue(5);
                Parts parts =
                        new Parts(
                                queue,
                                counting(queue.client(), calls),
                                Duration.ofSeconds(30),
                                64,
                                patience)) {
            parts.start(message -> message.settle(new Outcome.Delivered()));
            for (String body : bodies("m", messages)) {
                queue.send(List.of(body));
                Thread.sleep(20);
            }
            Await.within(
                    Duration.ofSeconds(5),
                    messages + " deleted",
                    () -> parts.counters.get(Counter.DELETED) == messages);
            return calls.get();
        }
    }

    private static SqsClient counting(SqsClient client, AtomicInteger calls) {
        return (SqsClient)
                Proxy.newProxyInstance(
                        SqsClient.class.getClassLoader(),
                        new Class<?>[] {SqsClient.class},
                        (_, method, arguments) -> {
                            calls.incrementAndGet();
                            return method.invoke(client, arguments);
                        });
    }

    @Test
    void malformedMessagesGoToTheDeadLettersAndBlockNobody() throws InterruptedException {
        try (TestQueue queue = new TestQueue(2);
                // No more permits than malformed messages: were they held, nothing would pass.
                Parts parts = new Parts(queue, Duration.ofSeconds(1), 3)) {
            queue.send(List.of("no json", "[]", "{\"url\":7}"));
            queue.send(bodies("m", 5));
            parts.start(message -> message.settle(new Outcome.Delivered()));
            Await.within(
                    Duration.ofSeconds(5),
                    "5 deleted",
                    () -> parts.counters.get(Counter.DELETED) == 5);
            Await.within(Duration.ofSeconds(10), "3 dead letters", () -> queue.deadLetters() == 3);
            assertEquals(6, parts.counters.get(Counter.MALFORMED));
            assertEquals(0, queue.left());
        }
    }

    @Test
    void whatAsksForNoImageIsDeletedAndSaidOnce() throws InterruptedException {
        String test =
                "{\"Service\":\"Amazon S3\",\"Event\":\"s3:TestEvent\",\"Bucket\":\"photos\"}";
        try (TestQueue queue = new TestQueue(2);
                LogLines log = new LogLines(SqsSource.class.getName());
                Parts parts = new Parts(queue, Duration.ofSeconds(30), 1)) {
            queue.send(Collections.nCopies(3, test));
            queue.send(bodies("m", 2));
            parts.start(message -> message.settle(new Outcome.Delivered()));
            Await.within(
                    Duration.ofSeconds(10),
                    "5 deleted",
                    () -> parts.counters.get(Counter.DELETED) == 5);
            assertEquals(3, parts.counters.get(DropReason.TEST_EVENT));
            assertEquals(0, parts.counters.get(Counter.MALFORMED));
            assertEquals(0, queue.left() + queue.deadLetters());
            Await.within(
                    Duration.ofSeconds(1), "no permits", () -> parts.admission.inFlight() == 0);
            assertEquals(1, log.lines().size(), log.lines().toString());
            assertTrue(
                    log.lines()
                            .getFirst()
                            .matches(
                                    ".*message \\S+ asks for no image and is deleted: it is a test event of S3.*"),
                    log.lines().toString());
        }
    }

    @Test
    void aMessageOfSeveralImagesHasOneLease() throws InterruptedException {
        String record =
                "{\"eventSource\":\"aws:s3\",\"eventName\":\"ObjectCreated:Put\",\"s3\":{\"bucket\":{\"name\":\"photos\"},\"object\":{\"key\":\"a.jpg\"}}}";
        try (TestQueue queue = new TestQueue(5);
                Parts parts = new Parts(queue, Duration.ofSeconds(2), 3)) {
            queue.send(
                    List.of(
                            "{\"Records\":["
                                    + String.join(",", Collections.nCopies(4, record))
                                    + "]}"));
            Queue<Message> seen = new ConcurrentLinkedQueue<>();
            parts.keeper.start();
            parts.start(seen::add);
            Await.within(Duration.ofSeconds(5), "3 images", () -> seen.size() == 3);
            assertEquals(3, parts.admission.taken());
            // Beyond its visibility.
            Thread.sleep(3500);
            assertEquals(3, seen.size(), "the queue gave it out again");
            assertEquals(1, parts.keeper.inFlight().size());
            assertFalse(parts.keeper.isOver(seen.peek()));
            seen.poll().settle(new Outcome.Delivered());
            assertEquals(3, seen.size());
            seen.forEach(message -> message.settle(new Outcome.Delivered()));
            Await.within(
                    Duration.ofSeconds(5),
                    "deleted",
                    () -> parts.counters.get(Counter.DELETED) == 1);
            Await.within(
                    Duration.ofSeconds(1), "no permits", () -> parts.admission.inFlight() == 0);
            assertEquals(0, queue.left());
        }
    }

    @Test
    void aMessageWhoseCallbackIsForbiddenGoesToTheDeadLettersUnseen() throws InterruptedException {
        try (TestQueue queue = new TestQueue(2);
                Parts parts = new Parts(queue, Duration.ofSeconds(1), 1)) {
            queue.send(
                    List.of(
                            "{\"url\":\"http://i/\",\"task\":\"t\",\"callback_url\":\"http://169.254.169.254/\"}"));
            queue.send(bodies("m", 5));
            Queue<String> seen = new ConcurrentLinkedQueue<>();
            parts.start(
                    message -> {
                        seen.add(message.request().id());
                        message.settle(new Outcome.Delivered());
                    });
            Await.within(Duration.ofSeconds(10), "a dead letter", () -> queue.deadLetters() == 1);
            Await.within(
                    Duration.ofSeconds(5),
                    "5 deleted",
                    () -> parts.counters.get(Counter.DELETED) == 5);
            assertEquals(Set.of("m0", "m1", "m2", "m3", "m4"), Set.copyOf(seen));
            assertEquals(2, parts.counters.get(Counter.REJECTED));
            assertEquals(0, parts.counters.get(Counter.MALFORMED));
        }
    }

    @Test
    void aRetryComesBackAfterItsPause() throws InterruptedException {
        try (TestQueue queue = new TestQueue(5);
                Parts parts = new Parts(queue, Duration.ofSeconds(30), 8)) {
            queue.send(bodies("m", 2));
            Queue<Message> seen = new ConcurrentLinkedQueue<>();
            parts.start(seen::add);
            Await.within(Duration.ofSeconds(5), "2 received", () -> seen.size() == 2);
            Message atOnce = seen.poll();
            Message later = seen.poll();

            long settledNs = System.nanoTime();
            later.settle(new Outcome.Retry(Duration.ofSeconds(2), FAILURE));
            atOnce.settle(new Outcome.Retry(Duration.ZERO, FAILURE));
            Await.within(Duration.ofSeconds(2), "the first is back", () -> seen.size() == 1);
            assertEquals(atOnce.request().id(), seen.peek().request().id());
            assertEquals(2, seen.poll().delivery().receiveCount());

            Await.within(Duration.ofSeconds(5), "the second is back", () -> seen.size() == 1);
            long pauseMs = (System.nanoTime() - settledNs) / 1_000_000;
            assertEquals(later.request().id(), seen.peek().request().id());
            assertTrue(pauseMs >= 1900, "back after " + pauseMs + " ms");
            assertEquals(2, parts.counters.get(Counter.RETRIED));
        }
    }

    @Test
    void heartbeatsHoldAMessageBeyondItsVisibility() throws InterruptedException {
        try (TestQueue queue = new TestQueue(5);
                Parts parts = new Parts(queue, Duration.ofSeconds(2), 1)) {
            queue.send(bodies("m", 1));
            Queue<Message> held = new ConcurrentLinkedQueue<>();
            parts.keeper.start();
            parts.start(held::add);
            Await.within(Duration.ofSeconds(5), "received", () -> held.size() == 1);
            assertEquals(0, redeliveries(queue, Duration.ofSeconds(5)));
            assertFalse(held.peek().leaseLost());
            assertTrue(parts.counters.get(Counter.HEARTBEATS) >= 5);

            held.poll().settle(new Outcome.Delivered());
            Await.within(Duration.ofSeconds(2), "deleted", () -> queue.left() == 0);
        }
    }

    /** The negative control of the test above. */
    @Test
    void withoutHeartbeatsTheMessageIsDeliveredAgainAndNotDeleted() throws InterruptedException {
        try (TestQueue queue = new TestQueue(5);
                Parts parts = new Parts(queue, Duration.ofSeconds(2), 1)) {
            queue.send(bodies("m", 1));
            Queue<Message> held = new ConcurrentLinkedQueue<>();
            parts.start(held::add);
            Await.within(Duration.ofSeconds(5), "received", () -> held.size() == 1);
            assertEquals(1, redeliveries(queue, Duration.ofSeconds(3)));

            held.poll().settle(new Outcome.Delivered());
            Await.within(
                    Duration.ofSeconds(2),
                    "found stale",
                    () -> parts.counters.get(Counter.STALE) == 1);
            assertEquals(1, queue.left());
        }
    }

    /** How often another worker would get a message meanwhile. */
    private static int redeliveries(TestQueue queue, Duration time) throws InterruptedException {
        long endNs = System.nanoTime() + time.toNanos();
        int received = 0;
        while (System.nanoTime() - endNs < 0) {
            received += queue.receive().size();
            Thread.sleep(100);
        }
        return received;
    }

    @Test
    void aQueueThatGoesAwayAndComesBackIsFoundAgain() throws InterruptedException {
        try (LogLines log = new LogLines(SqsSource.class.getName());
                TestQueue queue = new TestQueue(5);
                Parts parts = new Parts(queue, Duration.ofSeconds(30), 16)) {
            Set<String> seen = ConcurrentHashMap.newKeySet();
            queue.send(bodies("before", 10));
            parts.start(
                    message -> {
                        seen.add(message.request().id());
                        message.settle(new Outcome.Delivered());
                    });
            Await.within(
                    Duration.ofSeconds(5),
                    "10 deleted",
                    () -> parts.counters.get(Counter.DELETED) == 10);

            long downNs = System.nanoTime();
            queue.stopServer();
            Await.within(
                    Duration.ofSeconds(10),
                    "4 failed calls",
                    () -> parts.counters.get(Counter.RECEIVE_ERRORS) >= 4);
            long secondsDown = Duration.ofNanos(System.nanoTime() - downNs).toSeconds();
            assertTrue(
                    log.lines().size() <= secondsDown / 5 + 1,
                    log.lines().size() + " lines in " + secondsDown + " s");
            assertFalse(log.lines().isEmpty());

            queue.startServer();
            queue.send(bodies("after", 10));
            Await.within(Duration.ofSeconds(5), "back at work", () -> seen.size() == 20);
            Await.within(
                    Duration.ofSeconds(2),
                    "20 deleted",
                    () -> parts.counters.get(Counter.DELETED) == 20);
        }
    }

    /** What the queue's answers become on their way. */
    private static SqsClient answering(
            SqsClient client, UnaryOperator<ReceiveMessageResponse> answer) {
        return (SqsClient)
                Proxy.newProxyInstance(
                        SqsClient.class.getClassLoader(),
                        new Class<?>[] {SqsClient.class},
                        (_, method, arguments) -> {
                            Object result = method.invoke(client, arguments);
                            return result instanceof ReceiveMessageResponse response
                                    ? answer.apply(response)
                                    : result;
                        });
    }

    private static ReceiveMessageResponse with(
            ReceiveMessageResponse response,
            Consumer<software.amazon.awssdk.services.sqs.model.Message.Builder> change) {
        return response.toBuilder()
                .messages(
                        response.messages().stream()
                                .map(message -> message.toBuilder().applyMutation(change).build())
                                .toList())
                .build();
    }

    @Test
    void hostileNumbersEndNoReceiverAndKeepNoPermit() throws InterruptedException {
        try (TestQueue queue = new TestQueue(2);
                // As many permits as hostile messages: were they held, nothing would pass.
                Parts parts = new Parts(queue, Duration.ofSeconds(1), 3)) {
            for (String field : List.of("url", "id", "tasks")) {
                queue.send(List.of("{\"" + field + "\": 1e99999999999}"));
                queue.send(List.of("{\"" + field + "\": -1e-99999999999}"));
            }
            queue.send(bodies("m", 30));
            parts.start(message -> message.settle(new Outcome.Delivered()));
            Await.within(
                    Duration.ofSeconds(10),
                    "30 deleted",
                    () -> parts.counters.get(Counter.DELETED) == 30);
            assertFalse(parts.source.awaitStopped(Duration.ofMillis(100)), "a receiver has ended");
        }
    }

    @Test
    void anArrivalWithoutABodyOrAnIdIsNothingToThoseBesideIt() throws InterruptedException {
        // Often enough that none is a dead letter by chance.
        try (TestQueue queue = new TestQueue(50)) {
            AtomicInteger seen = new AtomicInteger();
            SqsClient odd =
                    answering(
                            queue.client(),
                            response ->
                                    with(
                                            response,
                                            message -> {
                                                switch (seen.incrementAndGet() % 3) {
                                                    case 0 -> message.body(null);
                                                    case 1 -> message.messageId(null);
                                                    default -> {}
                                                }
                                            }));
            try (Parts parts = new Parts(queue, odd, Duration.ofSeconds(1), 8, Duration.ZERO)) {
                queue.send(bodies("m", 30));
                parts.start(message -> message.settle(new Outcome.Delivered()));
                Await.within(
                        Duration.ofSeconds(20),
                        "30 deleted",
                        () -> parts.counters.get(Counter.DELETED) == 30);
                parts.source.stop();
                assertTrue(parts.source.awaitStopped(Duration.ofSeconds(20)));
                assertEquals(0, parts.admission.taken());
            }
        }
    }

    @Test
    void aConsumerThatThrowsAnErrorGivesItsMessageBack() throws InterruptedException {
        try (TestQueue queue = new TestQueue(5);
                Parts parts = new Parts(queue, Duration.ofSeconds(30), 4)) {
            queue.send(bodies("m", 20));
            parts.start(
                    _ -> {
                        throw new StackOverflowError();
                    });
            Await.within(
                    Duration.ofSeconds(5),
                    "given back",
                    () -> parts.counters.get(Counter.RETRIED) >= 20);
        }
    }

    /** Also where no further one follows, whose line would say it. */
    @Test
    void aBurstOfMalformedMessagesIsTwoLinesThatCountThem() throws InterruptedException {
        try (TestQueue queue = new TestQueue(5);
                Parts parts = new Parts(queue, Duration.ofSeconds(30), 16);
                LogLines log = new LogLines(SqsSource.class.getName())) {
            queue.send(Collections.nCopies(7, "no JSON"));
            parts.start(message -> {});
            Await.within(
                    Duration.ofSeconds(20),
                    "the last line",
                    () -> log.lines().stream().anyMatch(line -> line.contains("more since")));
            assertEquals(7, parts.counters.get(Counter.MALFORMED));
            assertEquals(2, log.lines().size(), log.lines()::toString);
            assertTrue(
                    log.lines().getLast().endsWith(" (and 5 more since the last line)"),
                    log.lines()::toString);
        }
    }

    @Test
    void aQueueThatSaysNothingOfItsMessagesIsCountedHere() throws InterruptedException {
        try (LogLines log = new LogLines(ReceiveCall.class.getName());
                TestQueue queue = new TestQueue(5)) {
            SqsClient silent =
                    answering(
                            queue.client(),
                            response -> with(response, message -> message.attributes(Map.of())));
            try (Parts parts = new Parts(queue, silent, Duration.ofSeconds(30), 8, Duration.ZERO)) {
                queue.send(bodies("m", 1));
                Queue<Message> seen = new ConcurrentLinkedQueue<>();
                parts.start(
                        message -> {
                            seen.add(message);
                            message.settle(
                                    seen.size() < 3
                                            ? new Outcome.Retry(Duration.ZERO, FAILURE)
                                            : new Outcome.Delivered());
                        });
                Await.within(
                        Duration.ofSeconds(10),
                        "deleted",
                        () -> parts.counters.get(Counter.DELETED) == 1);
                assertEquals(
                        List.of(1, 2, 3),
                        seen.stream().map(message -> message.delivery().receiveCount()).toList());
                long nowMs = System.currentTimeMillis();
                assertTrue(seen.peek().delivery().queuedMs(nowMs).isEmpty());
                assertEquals(1, log.lines().size(), log.lines()::toString);
            }
        }
    }

    @Test
    void largeTextsAreCountedWhileTheirMessageIsInFlight() throws InterruptedException {
        try (TestQueue queue = new TestQueue(5);
                Parts parts = new Parts(queue, Duration.ofSeconds(30), 8)) {
            String large = "{\"metadata\":\"" + "x".repeat(100_000) + "\",";
            queue.send(List.of(TestQueue.body("m").replaceFirst("\\{", large)));
            Queue<Message> held = new ConcurrentLinkedQueue<>();
            parts.start(held::add);
            Await.within(Duration.ofSeconds(5), "received", () -> held.size() == 1);
            assertTrue(parts.admission.bytesInFlight() >= 100_000);
            held.poll().settle(new Outcome.Delivered());
            Await.within(
                    Duration.ofSeconds(5), "returned", () -> parts.admission.bytesInFlight() == 0);
        }
    }

    @Test
    void aConsumerThatThrowsGivesItsMessageBack() throws InterruptedException {
        try (TestQueue queue = new TestQueue(5);
                Parts parts = new Parts(queue, Duration.ofSeconds(30), 4)) {
            queue.send(bodies("m", 1));
            parts.start(
                    _ -> {
                        throw new IllegalStateException("no room");
                    });
            Await.within(
                    Duration.ofSeconds(5),
                    "given back",
                    () -> parts.counters.get(Counter.RETRIED) == 1);
            queue.send(bodies("n", 1));
            Await.within(
                    Duration.ofSeconds(5),
                    "the receiver goes on",
                    () -> parts.counters.get(Counter.RETRIED) == 2);
        }
    }
}
