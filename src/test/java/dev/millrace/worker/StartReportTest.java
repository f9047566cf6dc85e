package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.config.WorkerConfig;
import dev.millrace.job.Counter;
import dev.millrace.source.QueueStatus;
import dev.millrace.testing.LogLines;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.RawServer;
import dev.millrace.testing.Slow;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What a worker says of itself when it is ready, and while it drains. */
@Isolated("its scene counts the threads of the process")
class StartReportTest extends WithWorkerScene {
    private static final byte[] DENIED =
            "{\"__type\":\"com.amazonaws.sqs#AccessDeniedException\",\"message\":\"no\"}"
                    .getBytes(StandardCharsets.UTF_8);

    private final Map<String, String> settings = WorkerScene.settings();

    private static String only(LogLines log, String beginning) {
        List<String> lines = log.lines(beginning);
        assertEquals(1, lines.size(), () -> beginning + ": " + log.lines());
        return lines.getFirst();
    }

    @Test
    void whatItWorksOnAndWithinWhichLimits() throws Exception {
        settings.put("MILLRACE_ADMISSION_MESSAGES", "300");
        settings.put("MILLRACE_FETCH_PER_HOST", "12");
        settings.put("MILLRACE_MODELS_0_MAX_BATCH", "4");
        settings.put("MILLRACE_QUEUE_VISIBILITY", "90s");
        scene.send("http://127.0.0.1:1/a.jpg");
        try (LogLines log = new LogLines("dev.millrace.worker");
                Worker worker = Worker.load(scene.config(settings))) {
            assertEquals(List.of(), log.lines("ready"), "not before it is");
            worker.begin();

            assertEquals("ready: 1 model takes messages from " + queue.url(), only(log, "ready: "));
            assertEquals(
                    "the status port is %d of 127.0.0.1: http://127.0.0.1:%1$d/ shows this worker in a browser; /metrics, /v2/health/live and /v2/health/ready, for this machine alone; http.bind opens it to others"
                            .formatted(worker.httpPort().orElseThrow()),
                    only(log, "the status port"));
            assertEquals(
                    "the queue has 1 message waiting, 0 in flight and 0 delayed; a message that is received 50 times goes to the dead letter queue; this worker hides what it receives for 90 s",
                    only(log, "the queue"));
            String model = only(log, "task 'colors'");
            assertTrue(
                    model.matches(
                            "task 'colors' is served by model 'colors', version [0-9a-f]{12}, on host \\(ONNX Runtime on the CPU, .*\\), in batches of 1 to 4; its ring has 16 rows in \\d+ KiB of pinned memory"),
                    model);
            assertEquals(
                    "limits: 300 messages in flight, 12 downloads from one host, 256 MiB of downloads in memory, 1,024 MiB for decoding; a drain ends after 15 s at the latest",
                    only(log, "limits: "));
            for (String line : log.lines()) {
                assertEquals(1, line.lines().count(), line);
            }
        }
    }

    @Test
    void aWorkerWithoutAPortOrACap() throws Exception {
        settings.remove("MILLRACE_HTTP_PORT");
        try (LogLines log = new LogLines("dev.millrace.worker");
                Worker worker = Worker.start(scene.config(settings))) {
            assertEquals(
                    "there is no status port, so nobody can ask for health or metrics; http.port opens one",
                    only(log, "there is no status port"));
            assertTrue(
                    only(log, "limits: ").contains(", as many downloads from one host as others "),
                    log.lines()::toString);
            assertEquals(0, worker.httpPort().orElse(0));
        }
    }

    /** The queue's permissions are each its own; a worker can do without this one. */
    @Test
    void aQueueWhoseAttributesMayNotBeRead() throws Exception {
        try (DenyingQueue front = new DenyingQueue(queue.endpoint());
                LogLines log = new LogLines("dev.millrace.worker")) {
            settings.put("MILLRACE_QUEUE_ENDPOINT", front.url());
            try (Worker worker = Worker.start(scene.config(settings))) {
                assertEquals(
                        "the queue does not say how many messages wait or where failed ones go, since it denies sqs:GetQueueAttributes (AccessDeniedException); allow it to see that; this worker hides what it receives for 60 s",
                        only(log, "the queue"));
                String id = scene.send();
                scene.internet.await(1, 20);
                assertTrue(scene.internet.has(id));
                assertEquals(1, front.denied);
                assertTrue(worker.httpPort().isPresent());
            }
        }
    }

    @Test
    @Slow
    void aDrainSaysWhatItWaitsForAndHowLongItTook() throws Exception {
        scene.internet.hang();
        try (LogLines log = new LogLines("dev.millrace.worker");
                Worker worker = Worker.start(scene.config(settings))) {
            scene.send();
            Loopback.awaitUntil(() -> scene.internet.waiting() == 1, 20, () -> "no callback");
            FutureTask<Void> drain =
                    new FutureTask<>(
                            () -> {
                                worker.drain(Duration.ofSeconds(60));
                                return null;
                            });
            Thread.ofPlatform().start(drain);
            Loopback.awaitUntil(
                    () -> !log.lines("draining for").isEmpty(), 30, () -> log.lines().toString());
            String line = log.lines("draining for").getFirst();
            assertTrue(
                    line.matches("draining for \\d+ s, waiting for messages: 1 in callbacks"),
                    line);
            assertEquals(List.of(), log.lines("drained"));
            assertTrue(isReporting());
            scene.internet.answer();
            drain.get(20, TimeUnit.SECONDS);
            Loopback.awaitUntil(() -> !isReporting(), 20, () -> "it goes on after the drain");
            String last = only(log, "drained in ");
            assertTrue(
                    last.matches(
                            "drained in \\d+\\.\\d s; messages since the start: 1 deleted, 0 given back"),
                    last);
        }
    }

    private static boolean isReporting() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("drain-report"));
    }

    @Test
    @Slow
    void aDrainThatHasWorkNamesItByWhereItIs() throws Exception {
        settings.put("MILLRACE_FETCH_PER_HOST", "1");
        settings.put("MILLRACE_FETCH_TIMEOUT", "60s");
        settings.put("MILLRACE_FETCH_READ_TIMEOUT", "60s");
        CountDownLatch seen = new CountDownLatch(1);
        try (RawServer slow = new RawServer((_, _) -> seen.await(60, TimeUnit.SECONDS));
                LogLines log = new LogLines("dev.millrace.worker");
                Worker worker = Worker.start(scene.config(settings))) {
            String url = "http://localhost:" + slow.port() + "/a.jpg";
            scene.send(url);
            scene.send(url);
            scene.send(url);
            Loopback.awaitUntil(
                    () -> worker.counters().get(Counter.RECEIVED) == 3, 20, () -> "not received");
            FutureTask<Void> drain =
                    new FutureTask<>(
                            () -> {
                                worker.drain(Duration.ofSeconds(6));
                                return null;
                            });
            Thread.ofPlatform().start(drain);
            Loopback.awaitUntil(
                    () -> !log.lines("draining for").isEmpty(), 30, () -> log.lines().toString());
            String line = log.lines("draining for").getFirst();
            assertTrue(
                    line.endsWith(
                            "waiting for messages: 1 downloading, 2 waiting for their turn at an image host"),
                    line);
            seen.countDown();
            drain.get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void thePathThatDrainsIsNamedWhereItIsOpen() throws Exception {
        settings.put("MILLRACE_DRAIN_PRE_STOP", "true");
        WorkerConfig config = scene.config(settings);
        List<String> lines =
                StartReport.lines(
                        config,
                        Optional.of(8080),
                        Optional.empty(),
                        "the queue is here",
                        List.of("a", "b"));
        assertTrue(
                lines.getLast().contains("/v2/health/ready, and /drain, for this machine alone"),
                lines::toString);
        assertTrue(lines.getFirst().startsWith("ready: 2 models take messages"), lines::toString);
        assertEquals(List.of("a", "b"), lines.subList(2, 4));
    }

    @Test
    void whereCallersAreAnsweredIsNamed() throws Exception {
        settings.put("MILLRACE_SERVE_PORT", "8000");
        String open = last(scene.config(settings));
        assertEquals(
                "callers are answered at port 8000 of 127.0.0.1, whoever reaches it; serve.token asks for one",
                open);
        settings.put("MILLRACE_SERVE_TOKEN", "a-token-of-the-test");
        assertTrue(last(scene.config(settings)).endsWith(", with the token"));
    }

    private static String last(WorkerConfig config) {
        return StartReport.lines(
                        config, Optional.of(8080), Optional.of(8000), "it is here", List.of("a"))
                .getLast();
    }

    /** A queue without a redrive policy, and one with. */
    @Test
    void whereFailedMessagesGoIsSaid() {
        assertEquals(
                "the queue has 7 messages waiting, 2 in flight and 3 delayed; there is no dead letter queue, so a message that always fails comes back until it expires",
                StartReport.said(
                        new QueueStatus(
                                7, 2, 3, OptionalInt.empty(), Optional.empty(), Optional.empty())));
        assertTrue(
                StartReport.said(
                                new QueueStatus(
                                        0,
                                        0,
                                        0,
                                        OptionalInt.of(5),
                                        Optional.empty(),
                                        Optional.empty()))
                        .endsWith("received 5 times goes to the dead letter queue"));
    }

    /** Stands before a queue and lets nobody see its attributes. */
    private static final class DenyingQueue implements AutoCloseable {
        private final HttpServer server;
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final HttpClient client = HttpClient.newHttpClient();
        private volatile int denied;

        DenyingQueue(URI queue) throws java.io.IOException {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(threads);
            server.createContext(
                    "/",
                    exchange -> {
                        byte[] body = exchange.getRequestBody().readAllBytes();
                        String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
                        int status = 403;
                        byte[] answer = DENIED;
                        if (target.endsWith("GetQueueAttributes")) {
                            denied++;
                        } else {
                            HttpRequest.Builder request =
                                    HttpRequest.newBuilder(queue.resolve(exchange.getRequestURI()))
                                            .header("X-Amz-Target", target)
                                            .header("Content-Type", "application/x-amz-json-1.0")
                                            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
                            try {
                                HttpResponse<byte[]> response =
                                        client.send(
                                                request.build(),
                                                HttpResponse.BodyHandlers.ofByteArray());
                                status = response.statusCode();
                                answer = response.body();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        }
                        exchange.getResponseHeaders()
                                .add("Content-Type", "application/x-amz-json-1.0");
                        exchange.sendResponseHeaders(
                                status, answer.length == 0 ? -1 : answer.length);
                        exchange.getResponseBody().write(answer);
                        exchange.close();
                    });
            server.start();
        }

        String url() {
            return "http://127.0.0.1:" + server.getAddress().getPort();
        }

        @Override
        public void close() {
            server.stop(0);
            threads.shutdownNow();
            client.close();
        }
    }
}
