package dev.millrace.deliver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.api.ImageInfo;
import dev.millrace.api.Verdict;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Delivery;
import dev.millrace.job.Destination;
import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Request;
import dev.millrace.job.Stage;
import dev.millrace.job.StageClock;
import dev.millrace.job.TaskResult;
import dev.millrace.net.AddressRules;
import dev.millrace.net.Cidr;
import dev.millrace.net.GuardedHttp;
import dev.millrace.net.HttpLimits;
import dev.millrace.net.UrlPolicy;
import dev.millrace.testing.Contract;
import dev.millrace.testing.LogLines;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.RawServer;
import dev.millrace.testing.WaitsMostly;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a message ends, by what its tasks came to and by what the callback host answers. */
@WaitsMostly
class CallbackClientTest {
    private static final String OK = "HTTP/1.1 204 No Content\r\n\r\n";
    private static final String BUSY = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
    private static final String GONE = "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n";
    private static final int ATTEMPTS = 3;
    private static final int MAX_RECEIVES = 5;
    private static final Duration HOLD = Duration.ofSeconds(30);
    private static final int MAX_HELD = 5;

    private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
    private final Counters counters = new Counters();
    private final GuardedHttp http = http(List.of(Cidr.parse("127.0.0.0/8")));

    private static GuardedHttp http(List<Cidr> allowed) {
        return new GuardedHttp(
                new UrlPolicy(new AddressRules(allowed), Set.of(), Optional.empty()),
                new HttpLimits(
                        Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(5), 4));
    }

    @AfterEach
    void close() {
        http.close();
    }

    private CallbackClient client(GuardedHttp through) {
        CallbackSink sink = new CallbackSink(through, WebhookSigner.of(List.of()));
        return new CallbackClient(
                _ -> sink,
                ATTEMPTS,
                MAX_RECEIVES,
                HOLD,
                MAX_HELD,
                new MessageDeduplicator(),
                counters,
                new StageClock());
    }

    private Message message(int receiveCount, RawServer sink) {
        return message(receiveCount, sink.port());
    }

    private Message message(int receiveCount, int port) {
        return new Message(
                new Delivery("m", "r", receiveCount, System.currentTimeMillis(), System.nanoTime()),
                new Request(
                        "id",
                        "http://images.test/a.jpg?secret",
                        List.of("safety"),
                        new Destination.Callback(HttpUrl.get("http://127.0.0.1:" + port + "/")),
                        Optional.empty()),
                (settled, outcome) -> outcomes.add(outcome));
    }

    private static Message completed(Message message) {
        message.image(new ImageInfo(4, 3, "jpeg", 100));
        message.complete(
                0,
                new TaskResult(
                        "safety",
                        Optional.of(new TaskResult.ModelRef("safety", "1")),
                        Optional.of(Verdict.of("good", Map.of("scores", Map.of("good", 0.9)))),
                        Optional.empty(),
                        TaskResult.Times.NONE));
        return message;
    }

    private static Message failed(Message message, Failure.Kind kind) {
        message.failAll(new Failure(kind, Stage.FETCH, "it failed; try again"));
        return message;
    }

    private Outcome end(CallbackClient client, Message message) throws InterruptedException {
        client.accept(message);
        Outcome outcome = outcomes.poll(20, TimeUnit.SECONDS);
        assertTrue(outcome != null, "not settled");
        assertTrue(outcomes.isEmpty(), "settled twice");
        return outcome;
    }

    @Test
    void aResultThatIsTakenIsDelivered() throws Exception {
        try (RawServer sink = RawServer.answering(OK)) {
            assertInstanceOf(
                    Outcome.Delivered.class, end(client(http), completed(message(1, sink))));
            assertEquals(1, sink.connections());
            assertEquals(1, counters.get(Counter.CALLBACKS));
        }
    }

    @Test
    void aBusyHostIsAskedAgainAndThenGetsTheResult() throws Exception {
        int[] asked = {0};
        try (RawServer sink =
                new RawServer((head, out) -> out.write((++asked[0] < 3 ? BUSY : OK).getBytes()))) {
            assertInstanceOf(
                    Outcome.Delivered.class, end(client(http), completed(message(1, sink))));
            assertEquals(3, sink.connections());
            assertEquals(2, counters.get(Counter.CALLBACK_ERRORS));
        }
    }

    @Test
    void aHostThatStaysBusyLeavesTheMessageToTheQueue() throws Exception {
        try (RawServer sink = RawServer.answering(BUSY)) {
            Outcome.Retry retry =
                    assertInstanceOf(
                            Outcome.Retry.class, end(client(http), completed(message(3, sink))));
            assertEquals(Failure.Kind.CALLBACK_FAILED, retry.failure().kind());
            assertEquals(Duration.ofSeconds(120), retry.after());
            assertEquals(ATTEMPTS, sink.connections());
        }
    }

    @Test
    void aMessageThatComesAgainGetsTheSameResultAgain() throws Exception {
        List<byte[]> bodies = new CopyOnWriteArrayList<>();
        try (HttpSink sink = new HttpSink(bodies)) {
            CallbackClient client = client(http);
            Message first = completed(message(1, sink.port()));
            assertInstanceOf(Outcome.Retry.class, end(client, first), "the host was busy");
            Message second = message(2, sink.port());
            assertTrue(client.repeat(second));
            assertInstanceOf(Outcome.Delivered.class, outcomes.poll(5, TimeUnit.SECONDS));
            assertEquals(2, bodies.size());
            assertArrayEquals(bodies.get(0), bodies.get(1));
            assertEquals(1, counters.get(Counter.REPEATED));
        }
    }

    @Test
    void aMessageThatIsNewIsNotARepeat() throws Exception {
        try (RawServer sink = RawServer.answering(OK)) {
            assertFalse(client(http).repeat(message(1, sink)));
        }
    }

    @Test
    void aHostThatAsksForAPauseGetsIt() throws Exception {
        String pause = "HTTP/1.1 429 Slow\r\nRetry-After: 300\r\nContent-Length: 0\r\n\r\n";
        try (RawServer sink = RawServer.answering(pause)) {
            Outcome.Retry retry =
                    assertInstanceOf(
                            Outcome.Retry.class, end(client(http), completed(message(1, sink))));
            assertEquals(Duration.ofSeconds(300), retry.after());
            assertEquals(1, sink.connections());
        }
    }

    /** With two messages that fail, and a third that is held after its second attempt. */
    private void openBreaker(CallbackClient client, RawServer sink) throws Exception {
        end(client, completed(message(1, sink)));
        end(client, completed(message(1, sink)));
        assertFalse(client.isDown(), "nobody waits");
        client.accept(completed(message(1, sink)));
        Loopback.awaitUntil(() -> client.held() == 1, 3, () -> client.held() + " held");
    }

    @Test
    void aHostThatIsDownHoldsSomeMessagesUntilItIsBack() throws Exception {
        AtomicBoolean up = new AtomicBoolean();
        try (RawServer sink =
                new RawServer((head, out) -> out.write((up.get() ? OK : BUSY).getBytes()))) {
            CallbackClient client = client(http);
            openBreaker(client, sink);
            int asked = sink.connections();
            for (int i = 0; i < MAX_HELD + 1; i++) {
                client.accept(completed(message(1, sink)));
            }
            for (int i = 0; i < 2; i++) {
                assertInstanceOf(Outcome.Retry.class, outcomes.poll(1, TimeUnit.SECONDS));
            }
            Loopback.awaitUntil(client::isDown, 3, () -> client.held() + " held");
            assertEquals(MAX_HELD, client.held());
            assertTrue(sink.connections() - asked <= 6, "it is left alone");
            up.set(true);
            for (int i = 0; i < MAX_HELD; i++) {
                assertInstanceOf(Outcome.Delivered.class, outcomes.poll(5, TimeUnit.SECONDS));
            }
            assertFalse(client.isDown());
        }
    }

    @Test
    void aDrainGivesBackAtOnceWhatIsHeld() throws Exception {
        try (RawServer sink = RawServer.answering(BUSY)) {
            CallbackClient client = client(http);
            openBreaker(client, sink);
            client.drain(Duration.ofSeconds(10));
            Outcome.Retry retry =
                    assertInstanceOf(Outcome.Retry.class, outcomes.poll(1, TimeUnit.SECONDS));
            assertEquals(Failure.Kind.DRAINING, retry.failure().kind());
        }
    }

    @Test
    void theIdOfACallbackOutlivesEveryAttempt() throws Exception {
        List<String> ids = new CopyOnWriteArrayList<>();
        try (RawServer sink =
                new RawServer(
                        (head, out) -> {
                            head.stream()
                                    .filter(line -> line.startsWith("webhook-id: "))
                                    .forEach(ids::add);
                            out.write(BUSY.getBytes());
                        })) {
            end(client(http), completed(message(1, sink)));
            end(client(http), completed(message(2, sink)));
            assertEquals(2 * ATTEMPTS, ids.size());
            assertEquals(Set.of("webhook-id: msg_m"), Set.copyOf(ids));
        }
    }

    @Test
    void aRefusalIsNotRepeatedAtOnce() throws Exception {
        try (RawServer sink = RawServer.answering(GONE)) {
            assertInstanceOf(Outcome.Retry.class, end(client(http), completed(message(1, sink))));
            assertEquals(1, sink.connections());
        }
    }

    @Test
    void aForbiddenHostIsNeverAsked() throws Exception {
        try (RawServer sink = RawServer.answering(OK);
                GuardedHttp guarded = http(List.of())) {
            Outcome.Rejected rejected =
                    assertInstanceOf(
                            Outcome.Rejected.class,
                            end(client(guarded), completed(message(1, sink))));
            assertEquals(Failure.Kind.URL_FORBIDDEN, rejected.failure().kind());
            assertEquals(0, sink.connections());
        }
    }

    @Test
    void aFailureThatMayPassIsNotReportedBeforeTheLastReceive() throws Exception {
        try (RawServer sink = RawServer.answering(OK)) {
            CallbackClient client = client(http);
            Message early = failed(message(MAX_RECEIVES - 1, sink), Failure.Kind.FETCH_TIMEOUT);
            assertInstanceOf(Outcome.Retry.class, end(client, early));
            assertEquals(0, sink.connections());
            assertEquals(0, counters.get(Failure.Kind.FETCH_TIMEOUT));
            Message last = failed(message(MAX_RECEIVES, sink), Failure.Kind.FETCH_TIMEOUT);
            assertInstanceOf(Outcome.Delivered.class, end(client, last));
            assertEquals(1, sink.connections());
            assertEquals(1, counters.get(Failure.Kind.FETCH_TIMEOUT));
        }
    }

    @Test
    void aFailureThatStaysIsReportedAtOnce() throws Exception {
        try (RawServer sink = RawServer.answering(OK)) {
            Message broken = failed(message(1, sink), Failure.Kind.CORRUPT_IMAGE);
            assertInstanceOf(Outcome.Delivered.class, end(client(http), broken));
            assertEquals(1, sink.connections());
        }
    }

    @Test
    void aDrainIsNoFailureOfTheMessage() throws Exception {
        try (RawServer sink = RawServer.answering(OK)) {
            Message drained = failed(message(MAX_RECEIVES, sink), Failure.Kind.DRAINING);
            Outcome.Retry retry = assertInstanceOf(Outcome.Retry.class, end(client(http), drained));
            assertEquals(Duration.ZERO, retry.after());
            assertEquals(0, sink.connections());
        }
    }

    @Test
    void nothingIsSaidForALostLease() throws Exception {
        try (RawServer sink = RawServer.answering(OK)) {
            Message lost = completed(message(1, sink));
            lost.loseLease();
            Outcome.Rejected rejected =
                    assertInstanceOf(Outcome.Rejected.class, end(client(http), lost));
            assertEquals(Failure.Kind.LEASE_LOST, rejected.failure().kind());
            assertEquals(0, sink.connections());
        }
    }

    /** The first attempt costs the lease, and another worker may post its result meanwhile. */
    @Test
    void aLeaseThatIsLostBetweenAttemptsEndsThem() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        try (RawServer sink =
                new RawServer(
                        (_, out) -> {
                            over.set(true);
                            out.write(BUSY.getBytes());
                        })) {
            CallbackClient client = client(http);
            client.lostWhen(_ -> over.get());
            assertLeaseLost(end(client, completed(message(1, sink))));
            assertEquals(1, sink.connections());
            assertEquals(0, counters.get(Counter.CALLBACKS));

            over.set(false);
            Message again = message(2, sink);
            assertTrue(client.repeat(again), "its result is kept");
            assertLeaseLost(outcomes.poll(20, TimeUnit.SECONDS));
            assertEquals(2, sink.connections());
        }
    }

    private static void assertLeaseLost(Outcome outcome) {
        Outcome.Rejected rejected = assertInstanceOf(Outcome.Rejected.class, outcome);
        assertEquals(Failure.Kind.LEASE_LOST, rejected.failure().kind());
    }

    /** Its host comes back after it; nobody waits so long for nothing. */
    @Test
    void aHeldMessageWhoseLeaseIsLostIsLetGo() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        try (RawServer sink = RawServer.answering(BUSY)) {
            CallbackClient client = client(http);
            client.lostWhen(_ -> over.get());
            openBreaker(client, sink);
            int asked = sink.connections();
            over.set(true);
            assertLeaseLost(outcomes.poll(20, TimeUnit.SECONDS));
            assertEquals(asked, sink.connections());
            assertEquals(0, client.held());
        }
    }

    @Test
    void aDrainThatRunsOutOfTimeGivesTheMessageBack() throws Exception {
        try (RawServer sink = new RawServer((head, out) -> Thread.sleep(60_000))) {
            CallbackClient client = client(http);
            client.accept(completed(message(1, sink)));
            client.drain(Duration.ofMillis(300));
            Outcome.Retry retry =
                    assertInstanceOf(Outcome.Retry.class, outcomes.poll(5, TimeUnit.SECONDS));
            assertEquals(Failure.Kind.DRAINING, retry.failure().kind());
            assertEquals(0, client.inFlight());
        }
    }

    @Test
    void resultsAreWhatTheSchemaSays() throws Exception {
        try (RawServer sink = RawServer.answering(OK)) {
            Message taken = completed(message(1, sink));
            Message broken = failed(message(1, sink), Failure.Kind.HTTP_STATUS);
            ResultWriter writer = new ResultWriter();
            long nowNs = System.nanoTime();
            long nowMs = System.currentTimeMillis();
            ObjectMapper json = new ObjectMapper();
            JsonNode good = json.readTree(writer.result(taken, nowNs, nowMs).body());
            JsonNode bad = json.readTree(writer.result(broken, nowNs, nowMs).body());
            Contract.requireResult(good);
            Contract.requireResult(bad);
            assertEquals("ok", good.path("status").asText());
            assertEquals("http_status", bad.at("/results/safety/error/kind").asText());
        }
    }

    private List<String> linesOfAFailure(Message message) throws Exception {
        try (LogLines log = new LogLines(CallbackClient.class.getName())) {
            assertInstanceOf(Outcome.Retry.class, end(client(http), completed(message)));
            return log.lines();
        }
    }

    @Test
    void everyFailureThatIsTriedAgainHasALineAndACount() throws Exception {
        try (RawServer refusing =
                        RawServer.answering("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
                RawServer busy = RawServer.answering(BUSY)) {
            assertEquals(
                    List.of(
                            "the callback for id failed: status 401 from 127.0.0.1 (receive 2; the"
                                    + " queue will deliver it again in 60 s)"),
                    linesOfAFailure(message(2, refusing)));
            assertEquals(1, counters.get(Failure.Kind.CALLBACK_FAILED));
            assertEquals(1, counters.triedAgain(Failure.Kind.CALLBACK_FAILED));
            assertEquals(0, counters.get(Counter.FAILED_TASKS));
            List<String> lines = linesOfAFailure(message(1, busy));
            assertEquals(
                    "the callback for id failed: status 503 from 127.0.0.1 (receive 1, attempt 1"
                            + " of 3; tried again at once)",
                    lines.getFirst());
            assertEquals(2, counters.get(Failure.Kind.CALLBACK_FAILED));
            assertEquals(4, counters.triedAgain(Failure.Kind.CALLBACK_FAILED));
        }
    }

    @Test
    void aHostThatRefusesOrDoesNotResolveHasALineToo() throws Exception {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        String line = linesOfAFailure(message(1, closed)).getFirst();
        assertTrue(line.contains("ConnectException") && line.contains("attempt 1 of 3"), line);
        Message nowhere =
                new Message(
                        new Delivery("m", "r", 1, 0, System.nanoTime()),
                        new Request(
                                "id",
                                "http://i/",
                                List.of("safety"),
                                new Destination.Callback(
                                        HttpUrl.get("http://nowhere.invalid/?secret")),
                                Optional.empty()),
                        (_, outcome) -> outcomes.add(outcome));
        line = linesOfAFailure(nowhere).getFirst();
        assertTrue(line.contains("nowhere.invalid") && !line.contains("secret"), line);
    }

    @Test
    void largeResultsAreHeldWithinABound() throws Exception {
        try (RawServer sink = RawServer.answering(BUSY)) {
            CallbackClient client = client(http);
            openBreaker(client, sink);
            outcomes.clear();
            for (int i = 0; i < MAX_HELD - 1; i++) {
                client.accept(completed(message(1, sink, "x".repeat(6 << 20))));
            }
            // One of the small message that is held already, and two of six MiB.
            assertInstanceOf(Outcome.Retry.class, outcomes.poll(5, TimeUnit.SECONDS));
            assertInstanceOf(Outcome.Retry.class, outcomes.poll(5, TimeUnit.SECONDS));
            assertEquals(3, client.held());
            client.drain(Duration.ofSeconds(5));
        }
    }

    private Message message(int receiveCount, RawServer sink, String metadata) {
        return new Message(
                new Delivery("m", "r", receiveCount, 0, System.nanoTime()),
                new Request(
                        "id",
                        "http://i/",
                        List.of("safety"),
                        new Destination.Callback(
                                HttpUrl.get("http://127.0.0.1:" + sink.port() + "/")),
                        Optional.of("\"" + metadata + "\"")),
                (settled, outcome) -> outcomes.add(outcome));
    }

    @Test
    void metadataGoesIntoTheResultCharacterByCharacter() {
        String metadata = "{ \"x\" : -1e-99999999999, \"x\": [1.500,\n\"\\u00e9 é 😀\"] }";
        Message message =
                new Message(
                        new Delivery("m", "r", 1, 0, System.nanoTime()),
                        new Request(
                                "id",
                                "http://i/",
                                List.of("a"),
                                new Destination.Callback(HttpUrl.get("http://c/")),
                                Optional.of(metadata)),
                        (_, _) -> {});
        failed(message, Failure.Kind.HTTP_STATUS);
        Result result = new ResultWriter().result(message, System.nanoTime(), 1);
        String body = new String(result.body(), StandardCharsets.UTF_8);
        assertTrue(body.endsWith(",\"metadata\":" + metadata + "}"), body);
        assertEquals(result.head(), Result.kept(result.body()).head());
        assertEquals("error", result.head().path("status").asText());
    }

    @Test
    void theLogCutsQueriesFromUrls() {
        assertEquals("http://a/b", MessageLog.withoutQuery("http://a/b?token=1#x"));
        assertEquals("http://a/b", MessageLog.withoutQuery("http://a/b#x?y"));
        assertEquals("http://a/b", MessageLog.withoutQuery("http://a/b"));
        // A key is no secret, and these are letters in it.
        assertEquals("s3://abc/a?b#c", MessageLog.withoutQuery("s3://abc/a?b#c"));
    }

    /** Keeps bodies; busy for the first, with a pause, and content from then on. */
    private static final class HttpSink implements AutoCloseable {
        private final HttpServer server;

        HttpSink(List<byte[]> bodies) throws IOException {
            server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 16);
            server.createContext(
                    "/",
                    exchange -> {
                        try (exchange) {
                            bodies.add(exchange.getRequestBody().readAllBytes());
                            exchange.getResponseHeaders().set("Retry-After", "1");
                            exchange.sendResponseHeaders(bodies.size() == 1 ? 503 : 204, -1);
                        }
                    });
            server.start();
        }

        int port() {
            return server.getAddress().getPort();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
