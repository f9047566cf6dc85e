package dev.millrace.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Failure;
import dev.millrace.job.Job;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Stage;
import dev.millrace.job.TaskResult;
import dev.millrace.net.Resolver;
import dev.millrace.testing.RawServer;
import dev.millrace.testing.WaitsMostly;
import java.io.OutputStream;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many downloads at once, little memory, full rings, and the end of the worker. */
@WaitsMostly
class FetcherPressureTest {
    private static final FetchLimits LIMITS = FetchScene.LIMITS;
    private static final String SINK = "https://sink.example.com/";

    private static void eventually(String what, BooleanSupplier holds) throws InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!holds.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadlineNs, what);
            Thread.sleep(5);
        }
    }

    /** Never answers; the latch counts the requests. */
    private static RawServer hanging(CountDownLatch asked) throws Exception {
        return new RawServer(
                (_, _) -> {
                    asked.countDown();
                    Thread.sleep(20_000);
                });
    }

    private static void write(OutputStream out, String text) throws Exception {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void manyDownloads(boolean announced) throws Exception {
        byte[] image = new byte[900_000];
        AtomicInteger most = new AtomicInteger();
        long budget = 2L * LIMITS.maxBytes();
        try (FetchScene scene = FetchScene.of(LIMITS.withPerHost(64), budget, 128);
                RawServer server =
                        new RawServer(
                                (_, out) -> {
                                    write(out, "HTTP/1.1 200 OK\r\nConnection: close\r\n");
                                    write(
                                            out,
                                            announced ? "Content-Length: 900000\r\n\r\n" : "\r\n");
                                    for (int i = 0; i < 9; i++) {
                                        out.write(image, 0, 100_000);
                                        Thread.sleep(2);
                                    }
                                })) {
            int first = fifty(scene, server, image, 0, most);
            int second = fifty(scene, server, image, 50, most);

            assertTrue(most.get() <= budget, () -> "in flight: " + most);
            assertTrue(
                    second <= 55,
                    () -> "requests: " + first + ", then " + second + " with a known mean");
        }
    }

    /** Downloads 50 images at once; says how many requests that took. */
    private static int fifty(
            FetchScene scene, RawServer server, byte[] image, int from, AtomicInteger most)
            throws InterruptedException {
        int before = server.connections();
        for (int i = 0; i < 50; i++) {
            scene.accept("http://127.0.0.1:" + server.port() + "/", "a");
        }
        for (int i = from; i < from + 50; i++) {
            Job job = scene.job("a", i);
            most.accumulateAndGet((int) scene.admission.bytesInFlight(), Math::max);
            assertArrayEquals(image, job.body());
            job.message().settle(new Outcome.Delivered());
        }
        for (int i = 0; i < 50; i++) {
            assertInstanceOf(Outcome.Delivered.class, scene.ending().outcome());
        }
        eventually("bytes come back", () -> scene.admission.bytesInFlight() == 0);
        return server.connections() - before;
    }

    @Test
    void fiftyDownloadsOfUnknownLengthShareTwoBodiesOfMemory() throws Exception {
        manyDownloads(false);
    }

    @Test
    void fiftyDownloadsOfKnownLengthShareTwoBodiesOfMemory() throws Exception {
        manyDownloads(true);
    }

    @Test
    void waitingForMemoryIsNoTimeout() throws Exception {
        FetchLimits quick =
                new FetchLimits(
                        Duration.ofMillis(500),
                        Duration.ofMillis(500),
                        Duration.ofMillis(500),
                        LIMITS.maxBytes(),
                        0,
                        8,
                        1);
        try (FetchScene scene = FetchScene.of(quick, quick.maxBytes(), 64);
                RawServer server =
                        new RawServer((_, out) -> out.write(RawServer.ok(new byte[1000])))) {
            scene.admission.reserve(quick.maxBytes());
            scene.accept("http://127.0.0.1:" + server.port() + "/", "a");
            Thread.sleep(1000);
            assertTrue(scene.endings.isEmpty());
            scene.admission.giveBack(quick.maxBytes());

            scene.job("a", 0).message().settle(new Outcome.Delivered());
            assertEquals(0, scene.admission.bytesInFlight());
            assertEquals(1, server.connections(), "it waited while connected");
        }
    }

    @Test
    void aSlowHostGetsItsShareAndHoldsUpNobody() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch goOn = new CountDownLatch(1);
        try (FetchScene scene = FetchScene.of(LIMITS.withPerHost(2));
                RawServer server =
                        new RawServer(
                                (head, out) -> {
                                    if (head.stream().anyMatch(h -> h.contains("slow.test"))) {
                                        most.accumulateAndGet(running.incrementAndGet(), Math::max);
                                        goOn.await();
                                        running.decrementAndGet();
                                    }
                                    out.write(RawServer.ok(new byte[10]));
                                })) {
            for (int i = 0; i < 10; i++) {
                scene.accept("http://slow.test:" + server.port() + "/", "a");
            }
            scene.accept("http://quick.test:" + server.port() + "/", "b");
            scene.job("b", 0).message().settle(new Outcome.Delivered());
            eventually("two are asked", () -> running.get() == 2);
            goOn.countDown();
            for (int i = 0; i < 10; i++) {
                scene.job("a", i).message().settle(new Outcome.Delivered());
            }

            assertEquals(2, most.get());
            assertEquals(0, scene.admission.bytesInFlight());
        }
    }

    @Test
    void fortyDrippingHostsDelayNoOther() throws Exception {
        FetchLimits threeSeconds =
                new FetchLimits(
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(3),
                        LIMITS.maxBytes(),
                        0,
                        8,
                        1);
        try (FetchScene scene = FetchScene.of(threeSeconds, 64L << 20, 256);
                RawServer server =
                        new RawServer(
                                (head, out) -> {
                                    if (head.stream().noneMatch(h -> h.contains("drip"))) {
                                        out.write(RawServer.ok(new byte[10_000]));
                                        return;
                                    }
                                    write(out, "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n");
                                    for (int i = 0; i < 9999; i++) {
                                        out.write(0);
                                        Thread.sleep(100);
                                    }
                                })) {
            long startNs = System.nanoTime();
            for (int i = 0; i < 200; i++) {
                String host = i % 5 == 0 ? "drip-" + i + ".test" : "good.test";
                scene.accept("http://" + host + ":" + server.port() + "/", "a");
            }
            for (int i = 0; i < 160; i++) {
                scene.job("a", i).message().settle(new Outcome.Delivered());
                scene.endings.remove();
            }
            assertTrue(
                    scene.endings.isEmpty(), "the good ones were there before the slow ones ended");
            for (int i = 0; i < 40; i++) {
                assertEquals(Failure.Kind.FETCH_TIMEOUT, scene.retried().kind());
            }
            long tookMs = (System.nanoTime() - startNs) / 1_000_000;
            // One after the other they would have taken longer.
            assertTrue(tookMs >= 2900 && tookMs <= 20_000, () -> "took " + tookMs + " ms");
            assertEquals(0, scene.admission.bytesInFlight());
        }
    }

    @Test
    void drainWaitsForWhatRuns() throws Exception {
        try (FetchScene scene = FetchScene.of(LIMITS);
                RawServer server =
                        new RawServer(
                                (_, out) -> {
                                    Thread.sleep(300);
                                    out.write(RawServer.ok(new byte[10]));
                                })) {
            scene.accept("http://127.0.0.1:" + server.port() + "/", "a");
            assertTrue(scene.fetcher.drain(Duration.ofSeconds(5)));

            scene.job("a", 0).message().settle(new Outcome.Delivered());
            scene.endings.remove();
            scene.accept("http://127.0.0.1:" + server.port() + "/", "a");
            assertEquals(Failure.Kind.DRAINING, scene.retried().kind());
            assertEquals(1, server.connections());
        }
    }

    @Test
    void drainGivesBackWhatHangs() throws Exception {
        CountDownLatch asked = new CountDownLatch(2);
        try (FetchScene scene = FetchScene.of(LIMITS.withPerHost(2));
                RawServer server = hanging(asked)) {
            for (int i = 0; i < 6; i++) {
                // Two wait for the host's answer, four for their turn.
                scene.accept("http://127.0.0.1:" + server.port() + "/", "a", "x");
            }
            assertTrue(asked.await(20, TimeUnit.SECONDS));
            long startNs = System.nanoTime();
            assertFalse(scene.fetcher.drain(Duration.ofMillis(100)));

            // The host would have answered after twenty.
            assertTrue(System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(10));
            for (int i = 0; i < 6; i++) {
                assertEquals(Failure.Kind.DRAINING, scene.retried().kind());
            }
            assertEquals(0, scene.fetcher.inFlight());
            assertEquals(0, scene.admission.bytesInFlight());
            assertTrue(scene.completed.isEmpty());
        }
    }

    @Test
    void drainGivesBackWhatWaitsForANameServer() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        Resolver silent =
                host -> {
                    asked.countDown();
                    try {
                        Thread.sleep(20_000);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    throw new UnknownHostException(host);
                };
        try (FetchScene scene = FetchScene.resolving(silent)) {
            scene.accept("http://image.test/", "a");
            assertTrue(asked.await(20, TimeUnit.SECONDS));
            assertFalse(scene.fetcher.drain(Duration.ofMillis(100)));

            assertEquals(Failure.Kind.DRAINING, scene.retried().kind());
            assertEquals(0, scene.fetcher.inFlight());
        }
    }

    /** One that waits for its turn at a host may hold nothing that those before it wait for. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nobodyWaitsForATurnWithBytesInHand(boolean announced) throws Exception {
        FetchLimits one = LIMITS.withPerHost(1);
        try (FetchScene scene = FetchScene.of(one, one.maxBytes(), 64);
                RawServer server =
                        new RawServer(
                                (_, out) -> {
                                    // So that the others wait for their turn meanwhile.
                                    Thread.sleep(50);
                                    write(out, "HTTP/1.1 200 OK\r\nConnection: close\r\n");
                                    write(
                                            out,
                                            announced ? "Content-Length: 900000\r\n\r\n" : "\r\n");
                                    out.write(new byte[900_000]);
                                })) {
            scene.admission.reserve(200_000);
            for (int i = 0; i < 3; i++) {
                scene.accept("http://127.0.0.1:" + server.port() + "/", "a");
            }
            eventually("asked", () -> server.connections() >= 1);
            Thread.sleep(200);
            scene.admission.giveBack(200_000);
            for (int i = 0; i < 3; i++) {
                scene.job("a", i).decodingEnded(System.nanoTime());
            }
            eventually("all bytes back", () -> scene.admission.bytesInFlight() == 0);
            assertTrue(!announced || server.connections() == 3, "none is asked for twice");
        }
    }

    /** Answers wait for memory with their connections, whatever their number. */
    @Test
    void manySlowAnswersTakeNoMemoryBeforeTheyCome() throws Exception {
        int downloads = 100;
        CountDownLatch asked = new CountDownLatch(downloads);
        try (FetchScene scene = FetchScene.of(LIMITS.withPerHost(downloads), 1 << 20, 128);
                RawServer server =
                        new RawServer(
                                (_, out) -> {
                                    asked.countDown();
                                    asked.await();
                                    out.write(RawServer.ok(new byte[300_000]));
                                })) {
            for (int i = 0; i < downloads; i++) {
                scene.accept("http://127.0.0.1:" + server.port() + "/", "a");
            }
            assertTrue(asked.await(10, TimeUnit.SECONDS), asked + " were not asked");
            for (int i = 0; i < downloads; i++) {
                scene.job("a", i).message().settle(new Outcome.Delivered());
            }
            assertEquals(downloads, server.connections());
            eventually("bytes come back", () -> scene.admission.bytesInFlight() == 0);
        }
    }

    @Test
    void drainGivesBackWhatWaitsForMemory() throws Exception {
        try (FetchScene scene = FetchScene.of(LIMITS, LIMITS.maxBytes(), 64);
                RawServer server =
                        new RawServer((_, out) -> out.write(RawServer.ok(new byte[1000])))) {
            scene.admission.reserve(LIMITS.maxBytes());
            scene.accept("http://127.0.0.1:" + server.port() + "/", "a");
            eventually("asked once", () -> server.connections() == 1);
            assertFalse(scene.fetcher.drain(Duration.ofMillis(200)));

            assertEquals(Failure.Kind.DRAINING, scene.retried().kind());
            assertEquals(LIMITS.maxBytes(), scene.admission.bytesInFlight());
        }
    }

    @Test
    void drainGivesBackWhatWaitsForASlot() throws Exception {
        try (FetchScene scene = FetchScene.of(LIMITS, 64L << 20, 1);
                RawServer server =
                        new RawServer((_, out) -> out.write(RawServer.ok(new byte[1000])))) {
            Message first = scene.accept("http://127.0.0.1:" + server.port() + "/", "a");
            scene.job("a", 0);
            Message second = scene.accept("http://127.0.0.1:" + server.port() + "/", "a");
            eventually("downloaded", () -> second.usage().bodyBytes() == 1000);
            assertFalse(scene.fetcher.drain(Duration.ofMillis(100)));

            assertEquals(Failure.Kind.DRAINING, scene.retried().kind());
            first.settle(new Outcome.Delivered());
            assertEquals(0, scene.admission.bytesInFlight());
        }
    }

    @Test
    void aMessageOfWhichATaskIsPublishedEndsThere() throws Exception {
        try (FetchScene scene = FetchScene.of(LIMITS, 64L << 20, 1);
                RawServer server =
                        new RawServer((_, out) -> out.write(RawServer.ok(new byte[1000])))) {
            Message other = scene.accept("http://127.0.0.1:" + server.port() + "/", "b");
            scene.job("b", 0);
            Message message =
                    scene.accept(1, "http://127.0.0.1:" + server.port() + "/", SINK, "a", "b", "x");
            scene.job("a", 0);
            assertFalse(scene.fetcher.drain(Duration.ofMillis(100)));

            assertFalse(message.isSettled());
            assertTrue(scene.completed.isEmpty(), "a job is still in a ring");
            TaskResult done =
                    TaskResult.failed(
                            "a",
                            new Failure(
                                    Failure.Kind.CORRUPT_IMAGE, Stage.PREPROCESS, "for the test"));
            assertTrue(message.complete(0, done), "the job in the ring hands the message on");
            assertEquals(
                    Failure.Kind.DRAINING, message.results().get(1).failure().orElseThrow().kind());
            assertEquals(
                    Failure.Kind.UNKNOWN_TASK,
                    message.results().get(2).failure().orElseThrow().kind());
            message.settle(new Outcome.Delivered());
            other.settle(new Outcome.Delivered());
            assertEquals(0, scene.admission.bytesInFlight());
        }
    }
}
