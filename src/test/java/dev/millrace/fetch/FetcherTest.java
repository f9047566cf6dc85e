package dev.millrace.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Counter;
import dev.millrace.job.Failure;
import dev.millrace.job.Job;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Stage;
import dev.millrace.net.Resolver;
import dev.millrace.testing.LogLines;
import dev.millrace.testing.RawServer;
import dev.millrace.testing.WaitsMostly;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What one download comes to, whatever the host does. */
@WaitsMostly
class FetcherTest {
    private static final FetchLimits ONE_SECOND =
            new FetchLimits(
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(5),
                    1 << 20,
                    3,
                    8,
                    1);

    private FetchScene scene = FetchScene.of(FetchScene.LIMITS);

    @AfterEach
    void nothingIsLeft() {
        scene.close();
        assertEquals(0, scene.admission.bytesInFlight(), "bytes that nobody returned");
        assertEquals(0, scene.fetcher.inFlight());
        assertTrue(scene.endings.isEmpty(), () -> "unexpected: " + scene.endings);
        assertTrue(scene.completed.isEmpty(), () -> "unexpected: " + scene.completed);
    }

    private static String url(RawServer server) {
        return "http://127.0.0.1:" + server.port() + "/a/cat.jpg?key=secret";
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private void deliver(Message message) {
        message.settle(new Outcome.Delivered());
        scene.endings.remove();
    }

    private void sameFailure(Failure.Kind kind, String text, Failure failure) {
        assertEquals(kind, failure.kind(), failure::message);
        assertEquals(Stage.FETCH, failure.stage());
        assertTrue(failure.message().contains(text), failure.message());
        assertFalse(failure.message().contains("secret"), failure.message());
        assertFalse(failure.message().contains("\n"), failure.message());
        assertFalse(failure.message().contains("Exception"), failure.message());
    }

    @Test
    void publishesTheBytesOncePerTask() throws Exception {
        byte[] image = random(100_000);
        List<String> heads = new ArrayList<>();
        try (RawServer server =
                new RawServer(
                        (head, out) -> {
                            heads.addAll(head);
                            out.write(RawServer.ok(image));
                        })) {
            Message message = scene.accept(url(server), "a", "b");

            Job first = scene.job("a", 0);
            Job second = scene.job("b", 0);
            assertArrayEquals(image, first.body());
            assertEquals(0, first.task());
            assertEquals(1, second.task());
            assertEquals(message, second.message());
            assertEquals(1, server.connections());
            assertEquals(image.length, message.usage().bodyBytes());
            assertEquals(image.length, scene.admission.bytesInFlight());
            assertEquals(image.length, scene.counters.get(Counter.FETCHED_BYTES));
            assertEquals(1, scene.clock.items());
            assertTrue(message.fetchNs() > 0);
            assertEquals(message.fetchNs(), scene.clock.busyNs());
            deliver(message);
        }
        assertEquals("GET /a/cat.jpg?key=secret HTTP/1.1", heads.getFirst());
        assertTrue(heads.contains("Accept: image/*"), heads::toString);
        assertTrue(heads.contains("Accept-Encoding: identity"), heads::toString);
        assertTrue(heads.stream().anyMatch(h -> h.startsWith("User-Agent: Millrace/")));
    }

    @Test
    void theBytesGoBackWhenTheLastTaskHasDecodedThem() throws Exception {
        try (FetchScene scene = FetchScene.of(FetchScene.LIMITS);
                RawServer server =
                        new RawServer((_, out) -> out.write(RawServer.ok(new byte[1000])))) {
            Message message = scene.accept(url(server), "a", "b");
            scene.job("a", 0).decodingEnded(System.nanoTime());
            Job last = scene.job("b", 0);
            scene.fetcher.drain(Duration.ofSeconds(5));
            assertEquals(1000, scene.admission.bytesInFlight());
            last.decodingEnded(System.nanoTime());
            assertEquals(0, scene.admission.bytesInFlight());
            message.settle(new Outcome.Delivered());
            assertEquals(0, scene.admission.bytesInFlight());
        }
    }

    @Test
    void aDownloadThatIsTriedAgainHasALineAndACount() throws Exception {
        try (LogLines log = new LogLines(Fetcher.class.getName());
                FetchScene scene = FetchScene.of(FetchScene.LIMITS);
                RawServer server =
                        RawServer.answering("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")) {
            scene.accept(url(server), "a");
            scene.retried();
            assertEquals(1, scene.counters.triedAgain(Failure.Kind.FETCH_FAILED));
            assertEquals(
                    List.of(
                            "message message-1: http://127.0.0.1:"
                                    + server.port()
                                    + "/a/cat.jpg answered 503; check the image host"
                                    + " (receive 1 of 3, tried again in 30 s)"),
                    log.lines());
        }
    }

    @Test
    void whatOurOwnRulesRefuseIsNotBlamedOnTheHost() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Resolver rebound =
                _ ->
                        List.of(
                                InetAddress.ofLiteral(
                                        asked.incrementAndGet() <= 20 ? "10.0.0.1" : "127.0.0.1"));
        try (FetchScene scene = FetchScene.resolving(rebound);
                RawServer server =
                        new RawServer((_, out) -> out.write(RawServer.ok(new byte[1000])))) {
            String url = "http://a.test:" + server.port() + "/";
            for (int i = 0; i < 20; i++) {
                scene.accept(url, "a");
                assertEquals(Failure.Kind.URL_FORBIDDEN, scene.reported().kind());
            }
            scene.accept(url, "a");
            assertEquals(1000, scene.job("a", 0).body().length);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 65_535, 65_536, 65_537, 131_072, 1_000_000, 1 << 20})
    void readsABodyWithoutALength(int length) throws Exception {
        byte[] image = random(length);
        try (RawServer server =
                new RawServer(
                        (_, out) -> {
                            out.write(ascii("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"));
                            out.write(image);
                        })) {
            Message message = scene.accept(url(server), "a");

            assertArrayEquals(image, scene.job("a", 0).body());
            assertEquals(length, scene.admission.bytesInFlight());
            deliver(message);
        }
    }

    @Test
    void unknownTasksFailAndTheOthersGoOn() throws Exception {
        try (RawServer server =
                new RawServer((_, out) -> out.write(RawServer.ok(new byte[] {1, 2})))) {
            Message message = scene.accept(url(server), "x", "a");

            assertEquals(1, scene.job("a", 0).task());
            deliver(message);
        }
    }

    @Test
    void onlyUnknownTasksNeedNoDownload() throws Exception {
        try (RawServer server =
                new RawServer((_, out) -> out.write(RawServer.ok(new byte[] {1, 2})))) {
            scene.accept(url(server), "x", "y");

            sameFailure(Failure.Kind.UNKNOWN_TASK, "use one of a, b", scene.reported());
            assertEquals(0, server.connections());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "404, HTTP_STATUS",
        "403, HTTP_STATUS",
        "401, HTTP_STATUS",
        "410, HTTP_STATUS",
        "304, HTTP_STATUS",
        "408, FETCH_FAILED",
        "425, FETCH_FAILED",
        "429, FETCH_FAILED",
        "500, FETCH_FAILED",
        "502, FETCH_FAILED",
        "503, FETCH_FAILED",
        "504, FETCH_FAILED"
    })
    void aStatusSaysWhetherToTryAgain(int status, Failure.Kind kind) throws Exception {
        try (RawServer server =
                RawServer.answering(
                        "HTTP/1.1 "
                                + status
                                + " Status\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")) {
            scene.accept(url(server), "a");

            sameFailure(
                    kind,
                    "/a/cat.jpg answered " + status,
                    kind.retryable() ? scene.retried() : scene.reported());
        }
    }

    @Test
    void onTheLastReceiveAFailureIsReported() throws Exception {
        try (RawServer server =
                RawServer.answering(
                        "HTTP/1.1 500 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")) {
            scene.accept(
                    FetchScene.MAX_RECEIVES, url(server), "https://sink.example.com/", "a", "b");

            sameFailure(Failure.Kind.FETCH_FAILED, "answered 500", scene.reported());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
                "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
            })
    void anEmptyBodyIsNoImage(String answer) throws Exception {
        try (RawServer server = RawServer.answering(answer)) {
            scene.accept(url(server), "a");

            sameFailure(Failure.Kind.UNSUPPORTED_FORMAT, "empty body", scene.reported());
        }
    }

    @Test
    void anEncodedBodyIsRefused() throws Exception {
        try (RawServer server =
                RawServer.answering(
                        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\n"
                                + "Content-Length: 4\r\n\r\nabcd")) {
            scene.accept(url(server), "a");

            sameFailure(Failure.Kind.UNSUPPORTED_FORMAT, "Content-Encoding", scene.reported());
        }
    }

    @Test
    void anAnnouncedBodyOverTheLimitIsNotRead() throws Exception {
        try (RawServer server =
                RawServer.answering(
                        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1048577\r\n\r\n")) {
            scene.accept(url(server), "a");

            sameFailure(Failure.Kind.TOO_LARGE, "1048577", scene.reported());
        }
    }

    /** Sends a body without end; counts what went out past the limit. */
    private static RawServer endless(String head, long pauseMs, AtomicLong pastTheLimit)
            throws IOException {
        boolean chunked = head.contains("chunked");
        return new RawServer(
                (_, out) -> {
                    out.write(ascii("HTTP/1.1 200 OK\r\n" + head + "\r\n"));
                    for (int piece = 0; piece < 100_000; piece++) {
                        out.write(ascii(chunked ? "2000\r\n" : ""));
                        out.write(new byte[0x2000]);
                        out.write(ascii(chunked ? "\r\n" : ""));
                        if (piece * 0x2000 >= FetchScene.LIMITS.maxBytes()) {
                            pastTheLimit.addAndGet(0x2000);
                            Thread.sleep(pauseMs);
                        }
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"Connection: close\r\n", "Transfer-Encoding: chunked\r\n"})
    void anEndlessBodyIsCutAtTheLimit(String head) throws Exception {
        AtomicLong pastTheLimit = new AtomicLong();
        // Slowly past the limit, so that what lies in the kernel does not count.
        try (RawServer server = endless(head, 50, pastTheLimit)) {
            scene.accept(url(server), "a");

            sameFailure(Failure.Kind.TOO_LARGE, "more than 1048576", scene.reported());
            assertTrue(pastTheLimit.get() <= 64 << 10, () -> "sent " + pastTheLimit);
        }
    }

    @Test
    void aFastEndlessBodyFillsTheKernelsBuffersAtMost() throws Exception {
        AtomicLong pastTheLimit = new AtomicLong();
        try (RawServer server = endless("Transfer-Encoding: chunked\r\n", 0, pastTheLimit)) {
            scene.accept(url(server), "a");

            sameFailure(Failure.Kind.TOO_LARGE, "more than 1048576", scene.reported());
            assertTrue(pastTheLimit.get() <= 16 << 20, () -> "sent " + pastTheLimit);
        }
    }

    @Test
    void aBodyThatEndsEarlyIsTriedAgain() throws Exception {
        try (RawServer server =
                RawServer.answering(
                        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nabc")) {
            scene.accept(url(server), "a");

            sameFailure(Failure.Kind.FETCH_FAILED, "broke off", scene.retried());
        }
    }

    @Test
    void aRefusedConnectionIsTriedAgain() throws Exception {
        int closedPort;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            closedPort = socket.getLocalPort();
        }
        scene.accept("http://127.0.0.1:" + closedPort + "/a?key=secret", "a");

        sameFailure(Failure.Kind.FETCH_FAILED, "no connection", scene.retried());
    }

    @Test
    void anUnknownHostIsTriedAgain() throws Exception {
        scene.accept("http://unknown.test/a?key=secret", "a");

        sameFailure(Failure.Kind.FETCH_FAILED, "no address", scene.retried());
    }

    @Test
    void aHostThatSpeaksNoTlsIsTriedAgain() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            scene.accept("https://127.0.0.1:" + server.getLocalPort() + "/a?key=secret", "a");
            try (Socket socket = server.accept()) {
                socket.getOutputStream().write(ascii("HTTP/1.1 400 Bad Request\r\n\r\n"));

                sameFailure(Failure.Kind.FETCH_FAILED, "TLS handshake failed", scene.retried());
            }
        }
    }

    @Test
    void aForbiddenHostIsReported() throws Exception {
        scene.accept("http://10.0.0.1/a?key=secret", "a");
        sameFailure(Failure.Kind.URL_FORBIDDEN, "10.0.0.1", scene.reported());

        scene.accept("http://inside.test/a?key=secret", "a");
        Failure failure = scene.reported();
        sameFailure(Failure.Kind.URL_FORBIDDEN, "inside.test", failure);
        assertFalse(failure.message().contains("10.0.0.1"), "says nothing of the inside");
    }

    @Test
    void redirectsAreFollowedUpToTheLimit() throws Exception {
        try (RawServer server =
                new RawServer(
                        (head, out) -> {
                            int hop =
                                    Integer.parseInt(
                                            head.getFirst().replaceAll("\\D+(\\d+).*", "$1"));
                            out.write(
                                    hop == 0
                                            ? RawServer.ok(new byte[] {7})
                                            : RawServer.redirect("/" + (hop - 1)));
                        })) {
            Message message = scene.accept("http://127.0.0.1:" + server.port() + "/3", "a");
            assertArrayEquals(new byte[] {7}, scene.job("a", 0).body());
            assertEquals(4, server.connections());
            deliver(message);

            scene.accept("http://127.0.0.1:" + server.port() + "/4", "a");
            sameFailure(Failure.Kind.HTTP_STATUS, "after 3 redirects", scene.reported());
            assertEquals(8, server.connections());
        }
    }

    @Test
    void aRedirectWithoutALocationIsReported() throws Exception {
        try (RawServer server =
                RawServer.answering(
                        "HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")) {
            scene.accept(url(server), "a");

            sameFailure(Failure.Kind.HTTP_STATUS, "without saying where", scene.reported());
        }
    }

    /** Writes one byte after the other, for ever. */
    private static void drip(OutputStream out, String text) throws Exception {
        for (int i = 0; true; i++) {
            out.write(text.charAt(i % text.length()));
            out.flush();
            Thread.sleep(50);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"body", "long body", "headers", "continue", "silence", "redirects"})
    void aSlowHostEndsWithTheCallTimeout(String shape) throws Exception {
        scene.close();
        scene = FetchScene.of(ONE_SECOND);
        try (RawServer server =
                new RawServer(
                        (_, out) -> {
                            switch (shape) {
                                case "body" -> {
                                    out.write(ascii("HTTP/1.1 200 OK\r\n\r\n"));
                                    drip(out, "a");
                                }
                                case "long body" -> {
                                    out.write(
                                            ascii(
                                                    "HTTP/1.1 200 OK\r\n"
                                                            + "Content-Length: 1000000\r\n\r\n"));
                                    drip(out, "a");
                                }
                                case "headers" ->
                                        drip(out, "HTTP/1.1 200 OK\r\na: " + "a".repeat(999));
                                case "continue" -> drip(out, "HTTP/1.1 100 Continue\r\n\r\n");
                                case "silence" -> Thread.sleep(10_000);
                                default -> {
                                    Thread.sleep(400);
                                    out.write(RawServer.redirect("/"));
                                }
                            }
                        })) {
            long startNs = System.nanoTime();
            scene.accept(url(server), "a");

            sameFailure(Failure.Kind.FETCH_TIMEOUT, "too slow", scene.retried());
            long tookMs = (System.nanoTime() - startNs) / 1_000_000;
            // None of the servers would have been done by then.
            assertTrue(tookMs >= 900 && tookMs <= 8000, () -> "took " + tookMs + " ms");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Content-Length: 1000000\r\n"})
    void aBodyThatDripsEndsWithTheGrace(String length) throws Exception {
        scene.close();
        scene = FetchScene.of(withRate(4096));
        try (RawServer server =
                        new RawServer(
                                (_, out) -> {
                                    out.write(ascii("HTTP/1.1 200 OK\r\n" + length + "\r\n"));
                                    drip(out, "a");
                                });
                FetchScene control = FetchScene.of(withRate(1))) {
            long startNs = System.nanoTime();
            scene.accept(url(server), "a");
            control.accept(url(server), "a");

            sameFailure(Failure.Kind.FETCH_TIMEOUT, "4096 bytes a second", scene.retried());
            assertTrue(control.endings.isEmpty(), "the one that ends by its timeout goes on");
            sameFailure(Failure.Kind.FETCH_TIMEOUT, "too slow", control.retried());
            assertTrue(System.nanoTime() - startNs >= 2_900_000_000L);
        }
    }

    private static FetchLimits withRate(int minimumRate) {
        return new FetchLimits(
                Duration.ofSeconds(3),
                Duration.ofSeconds(1),
                Duration.ofSeconds(3),
                1 << 20,
                0,
                8,
                minimumRate);
    }

    @Test
    void aSilentHostEndsWithTheReadTimeout() throws Exception {
        scene.close();
        FetchLimits limits =
                new FetchLimits(
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(1),
                        Duration.ofMillis(200),
                        1000,
                        0,
                        1,
                        1);
        scene = FetchScene.of(limits);
        try (RawServer server = new RawServer((_, _) -> Thread.sleep(10_000))) {
            scene.accept(url(server), "a");

            sameFailure(Failure.Kind.FETCH_TIMEOUT, "0.2 s between bytes", scene.retried());
        }
    }

    @Test
    void whatNobodyExpectedIsTriedAgain() throws Exception {
        scene.close();
        scene =
                FetchScene.resolving(
                        _ -> {
                            throw new IllegalStateException("a bug, for the test");
                        });
        scene.accept("http://image.test/a?key=secret", "a");

        sameFailure(Failure.Kind.FETCH_FAILED, "the worker failed", scene.retried());
    }

    @Test
    void anImageThatCameWithItsMessageEntersOnItsCallersThread() throws Exception {
        try (FetchScene scene = FetchScene.of(FetchScene.LIMITS, 64L << 20, 1)) {
            Message message = scene.acceptOfCaller(new byte[1000], "a");
            assertEquals(0, scene.ring("a").cursor(), "it is there when accept returns");
            assertEquals(message, scene.ring("a").get(0).message());
            assertEquals(0, scene.fetcher.inFlight());
            assertEquals(0, scene.screening().asked.get());
            assertEquals(1000, message.usage().bodyBytes(), "the ring still reads it");
            message.settle(new Outcome.Delivered());
            assertEquals(0, scene.admission.bytesInFlight());
        }
    }

    @Test
    void anImageThatFindsNoSlotWaitsForOneBesideItsCaller() throws Exception {
        try (FetchScene scene = FetchScene.of(FetchScene.LIMITS, 64L << 20, 1)) {
            Message first = scene.acceptOfCaller(new byte[1000], "a");
            Message second = scene.acceptOfCaller(new byte[1000], "a");
            assertEquals(1, scene.fetcher.inFlight());
            assertEquals(0, scene.ring("a").cursor());
            assertFalse(scene.fetcher.drain(Duration.ofMillis(100)));
            assertEquals(Failure.Kind.DRAINING, scene.retried().kind());
            assertTrue(second.isSettled());
            assertFalse(first.isSettled());
        }
    }

    @Test
    void anImageThatDoesNotPassIsScreenedFirst() throws Exception {
        try (FetchScene scene = FetchScene.of(FetchScene.LIMITS)) {
            scene.screening().passes = false;
            Message message = scene.acceptOfCaller(new byte[1000], "a");
            assertEquals(message, scene.job("a", 0).message());
            assertEquals(1, scene.screening().asked.get());
        }
    }
}
