package dev.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.config.WorkerConfig;
import dev.millrace.job.Counter;
import dev.millrace.testing.CommandProcess;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.Slow;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WaitsMostly;
import dev.millrace.testing.Workers;
import dev.millrace.worker.Worker;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;

/** What {@code dead-letters} shows, sends back and drops, at a real queue server. */
@WaitsMostly
@Slow
class DeadLettersIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private TestQueue queue;
    private String dead;

    @BeforeEach
    void open() {
        queue = new TestQueue(1);
        dead = queue.endpoint() + "/000000000000/dead-letters";
    }

    @AfterEach
    void close() {
        queue.close();
    }

    private Path config() throws IOException {
        return Files.writeString(
                folder.resolve("worker.yaml"),
                """
                queue: {url: "%s"}
                models: [{task: safety, bundle: "%s"}]
                state: {directory: state}
                callback: {allowHosts: [sink.test]}
                """
                        .formatted(queue.url(), Path.of("engines/safety").toAbsolutePath()));
    }

    private int run(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("dead-letters", "--config=" + config()));
        all.addAll(List.of(arguments));
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine commands = Millrace.commands();
        commands.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return commands.execute(all.toArray(String[]::new));
    }

    private String send(String body, Map<String, MessageAttributeValue> attributes) {
        return queue.client()
                .sendMessage(
                        request ->
                                request.queueUrl(dead)
                                        .messageBody(body)
                                        .messageAttributes(attributes))
                .messageId();
    }

    private String send(String body) {
        return send(body, Map.of());
    }

    /** Leaves what a worker would have said of a message. */
    private void say(String id, String kind, String host) throws IOException {
        Path file = Files.createDirectories(folder.resolve("state")).resolve("given-back.jsonl");
        String line =
                "{\"time\":\"2026-11-27T16:56:01Z\",\"event\":\"given_back\",\"message_id\":\"%s\",\"kind\":\"%s\",\"stage\":\"fetch\",\"host\":\"%s\",\"receives\":5,\"message\":\"the host answered 503\"}%n"
                        .formatted(id, kind, host);
        Files.writeString(file, Files.exists(file) ? Files.readString(file) + line : line);
    }

    private static int lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file).size() : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Visible in the dead letter queue now, by body. */
    private Map<String, Message> visible(String url) {
        Map<String, Message> all = new HashMap<>();
        for (int empty = 0; empty < 2; ) {
            List<Message> some =
                    queue.client()
                            .receiveMessage(
                                    request ->
                                            request.queueUrl(url)
                                                    .maxNumberOfMessages(10)
                                                    .visibilityTimeout(30)
                                                    .messageAttributeNames("All")
                                                    .waitTimeSeconds(0))
                            .messages();
            some.forEach(message -> all.put(message.body(), message));
            empty = some.isEmpty() ? empty + 1 : 0;
        }
        return all;
    }

    @Test
    void aListSaysWhyEachIsDeadAndLeavesAllVisible() throws Exception {
        String said = send(TestQueue.body("a"));
        say(said, "fetch_failed", "images.test");
        send("no request");
        send(TestQueue.body("b").replace("safety", "animals"));
        String unknown = send(TestQueue.body("c"));
        for (int time = 0; time < 2; time++) {
            assertEquals(0, run(), err::toString);
            List<String> lines = out.toString().lines().toList();
            assertEquals("'" + dead + "': 4 messages", lines.getFirst());
            assertEquals(
                    List.of(
                            "        1  fetch_failed        images.test",
                            "        1  malformed           -",
                            "        1  unknown             images.test",
                            "        1  unknown_task        images.test"),
                    lines.subList(1, 5).stream().sorted().toList());
            assertTrue(
                    lines.contains(
                            "2026-11-27T16:56:01Z  "
                                    + said
                                    + "  fetch_failed  images.test  5 receives  the host answered"
                                    + " 503"),
                    out::toString);
            assertTrue(out.toString().contains(unknown + "  unknown  images.test"), out::toString);
            assertEquals("", err.toString());
        }
        assertEquals(0, run("--json", "--kind=fetch_failed,malformed"), err::toString);
        List<String> lines = out.toString().lines().toList();
        assertEquals(2, lines.size());
        for (String line : lines) {
            JsonNode one = JSON.readTree(line);
            boolean isSaid = one.path("message_id").asText().equals(said);
            assertEquals(isSaid, one.path("said").asBoolean());
            assertEquals(isSaid ? "fetch_failed" : "malformed", one.path("kind").asText());
            assertTrue(one.has("sent"), line);
        }
        assertTrue(err.toString().contains("2 of 4 messages fit"), err::toString);
        assertEquals(0, run("--limit=1"));
        assertTrue(out.toString().contains("and 3 more; --limit N shows more"), out::toString);
        assertEquals(4, visible(dead).size());
    }

    @Test
    void nothingIsSentBackOrDroppedWithoutYes() throws Exception {
        send("no request");
        send(TestQueue.body("a"));
        assertEquals(4, run("--redrive"), err::toString);
        assertEquals(
                """
                2 messages would be sent back: malformed 1, unknown 1
                nothing was sent back; --yes does it
                """,
                out.toString());
        assertEquals(4, run("--drop", "--kind=malformed"), err::toString);
        assertEquals(
                """
                1 message would be dropped: malformed 1
                nothing was dropped; --yes does it
                """,
                out.toString());
        assertEquals(2, visible(dead).size());
        assertEquals(0, queue.left());
    }

    @Test
    void whatIsSentBackIsAsItWas() throws Exception {
        Map<String, MessageAttributeValue> attributes =
                Map.of(
                        "sender",
                        MessageAttributeValue.builder().dataType("String").stringValue("ü").build(),
                        "attempt",
                        MessageAttributeValue.builder()
                                .dataType("Number.int")
                                .stringValue("7")
                                .build(),
                        "key",
                        MessageAttributeValue.builder()
                                .dataType("Binary")
                                .binaryValue(SdkBytes.fromByteArray(new byte[] {0, -1, 7}))
                                .build());
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < 23; i++) {
            bodies.add(TestQueue.body("m" + i));
        }
        // Three in a call would be more than a call may have.
        for (int i = 0; i < 3; i++) {
            bodies.add(TestQueue.body("large" + i) + " ".repeat(120_000));
        }
        bodies.forEach(body -> send(body, attributes));
        send("no request");
        assertEquals(
                0,
                run("--redrive", "--kind=unknown", "--rate=1000", "--yes", "--json"),
                err::toString);
        assertEquals("26 messages sent back: unknown 26", err.toString().strip());
        Map<String, Message> back = visible(queue.url());
        assertEquals(bodies.stream().sorted().toList(), back.keySet().stream().sorted().toList());
        List<String> ids = new ArrayList<>();
        for (String line : out.toString().lines().toList()) {
            ids.add(JSON.readTree(line).path("new_message_id").asText());
        }
        assertEquals(
                back.values().stream().map(Message::messageId).sorted().toList(),
                ids.stream().sorted().toList());
        back.values().forEach(one -> assertEquals(attributes, one.messageAttributes()));
        assertEquals(List.of("no request"), List.copyOf(visible(dead).keySet()));
    }

    @Test
    void onlyWhatFitsIsDroppedAndNoMoreThanTheLimit() throws Exception {
        for (int i = 0; i < 20; i++) {
            say(send(TestQueue.body("down" + i)), "fetch_failed", "down.test");
            say(send(TestQueue.body("up" + i)), "fetch_failed", "up.test");
        }
        assertEquals(0, run("--drop", "--host=DOWN.test", "--limit=5", "--yes"), err::toString);
        assertEquals("5 messages dropped: fetch_failed 5", out.toString().strip());
        assertEquals(35, queue.deadLetters());
        assertEquals(0, run("--drop", "--host=down.test", "--kind=poison", "--yes"));
        assertEquals("0 messages dropped", out.toString().strip());
        assertEquals(0, run("--drop", "--older-than=1h", "--yes"));
        assertEquals("0 messages dropped", out.toString().strip());
        assertEquals(0, run("--drop", "--host=down.test", "--older-than=0s", "--yes"));
        assertEquals("15 messages dropped: fetch_failed 15", out.toString().strip());
        assertTrue(
                visible(dead).keySet().stream().allMatch(body -> body.contains("up")),
                "only those of the other host are left");
        assertEquals(20, queue.deadLetters());
    }

    @Test
    void anEmptyQueueIsOneLine() throws Exception {
        assertEquals(0, run(), err::toString);
        assertEquals("'" + dead + "': there are no messages", out.toString().strip());
        assertEquals(0, run("--redrive", "--yes"), err::toString);
        assertEquals("0 messages sent back", out.toString().strip());
        assertEquals("", err.toString());
    }

    /** What a worker says of messages that it gives back, until they are dead. */
    @Test
    void theReasonIsWhatTheWorkerSaid() throws Exception {
        WorkerConfig config =
                Workers.config(queue.settings(Duration.ofSeconds(2)), 100, "safety")
                        .with(
                                draft ->
                                        draft.state =
                                                new WorkerConfig.State(
                                                        Optional.of(folder.resolve("state")), 0));
        Path file = folder.resolve("state").resolve("given-back.jsonl");
        try (Worker worker = Worker.start(config)) {
            queue.send(
                    List.of(
                            "no request",
                            "{\"url\": \"http://127.0.0.1:1/a.jpg?secret\", \"task\": \"safety\", \"callback_url\": \"http://127.0.0.1:1/\"}",
                            "{\"url\": \"http://127.0.0.1/a.jpg\", \"task\": \"safety\", \"callback_url\": \"http://10.0.0.1/?secret\"}"));
            Loopback.awaitUntil(() -> lines(file) >= 3, 20, () -> "too few lines");
            assertEquals(0, worker.counters().get(Counter.DELETED));
        }
        assertFalse(Files.readString(file).contains("secret"), Files.readString(file));
        Loopback.awaitUntil(
                () -> {
                    // The queue moves a message when it would be received again.
                    queue.receive();
                    return queue.deadLetters() == 2;
                },
                20,
                () -> queue.deadLetters() + " dead letters");
        assertEquals(0, run("--json"), err::toString);
        Map<String, JsonNode> byKind = new HashMap<>();
        for (String line : out.toString().lines().toList()) {
            byKind.put(JSON.readTree(line).path("kind").asText(), JSON.readTree(line));
        }
        assertEquals(
                List.of("malformed", "url_forbidden"), byKind.keySet().stream().sorted().toList());
        byKind.values()
                .forEach(
                        one -> {
                            assertTrue(one.path("said").asBoolean(), one::toString);
                            assertEquals(1, one.path("receives").asInt(), one::toString);
                        });
        assertEquals("10.0.0.1", byKind.get("url_forbidden").path("host").asText());
        // The queue gives a message out once, so a failed download is reported at once.
        List<String> failed =
                Files.readAllLines(file).stream()
                        .filter(line -> line.contains("\"callback_failed\""))
                        .toList();
        assertEquals(1, failed.size(), () -> failed.toString());
        assertTrue(failed.getFirst().contains("\"host\":\"127.0.0.1\""), failed.getFirst());
    }

    @Test
    void logsOfAFleetAreReadFromFiles() throws Exception {
        String id = send(TestQueue.body("a"));
        say(id, "inference_failed", "images.test");
        Path log = folder.resolve("fleet.log");
        Files.writeString(
                log,
                "worker-1 ready\nworker-1 "
                        + Files.readString(folder.resolve("state").resolve("given-back.jsonl")));
        Files.delete(folder.resolve("state").resolve("given-back.jsonl"));
        assertEquals(0, run("--kind=inference_failed", "--said=" + log, "--said=/dev/null"));
        assertTrue(out.toString().contains(id), out::toString);
    }

    /** A second of SIGINT, and all that was hidden is visible at once. */
    @Test
    void whatASignalInterruptsIsVisibleAtOnce() throws Exception {
        for (int i = 0; i < 40; i++) {
            send(TestQueue.body("m" + i));
        }
        Path output = folder.resolve("output");
        Process process =
                new ProcessBuilder(
                                CommandProcess.line(
                                        List.of(),
                                        List.of(
                                                "dead-letters",
                                                "--config=" + config(),
                                                "--redrive",
                                                "--rate=2",
                                                "--json",
                                                "--yes")))
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            Loopback.awaitUntil(() -> lines(output) >= 3, 60, () -> "nothing was sent back");
            process.destroy();
            assertTrue(process.waitFor(20, TimeUnit.SECONDS), "it must end");
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(output);
        assertEquals(143, process.exitValue(), said);
        assertTrue(said.contains("millrace: interrupted after "), said);
        int sent = visible(queue.url()).size();
        assertTrue(sent >= 3 && sent < 40, said);
        assertEquals(40 - sent, visible(dead).size(), said);
    }

    /** A server in the place of the queue that refuses some calls as AWS does. */
    private HttpServer refusing(String action, int after, String type) throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        AtomicInteger calls = new AtomicInteger();
        AtomicInteger messages = new AtomicInteger();
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        String called =
                                exchange.getRequestHeaders()
                                        .getFirst("X-Amz-Target")
                                        .split("\\.")[1];
                        JsonNode request = JSON.readTree(exchange.getRequestBody());
                        boolean refused = called.equals(action) && calls.getAndIncrement() >= after;
                        byte[] body =
                                (refused
                                                ? "{\"__type\":\"" + type + "\",\"message\":\"no\"}"
                                                : answer(called, request, messages))
                                        .getBytes(StandardCharsets.UTF_8);
                        exchange.getResponseHeaders()
                                .add("Content-Type", "application/x-amz-json-1.0");
                        exchange.sendResponseHeaders(refused ? 403 : 200, body.length);
                        exchange.getResponseBody().write(body);
                    }
                });
        server.start();
        return server;
    }

    private static String answer(String action, JsonNode request, AtomicInteger messages)
            throws IOException {
        return switch (action) {
            case "GetQueueAttributes" ->
                    "{\"Attributes\":{\"ApproximateNumberOfMessages\":\"7\",\"ApproximateNumberOfMessagesNotVisible\":\"5\"}}";
            case "ReceiveMessage" ->
                    "{\"Messages\":[{\"MessageId\":\"m%d\",\"ReceiptHandle\":\"r\",\"Body\":\"x\",\"MD5OfBody\":\"9dd4e461268c8034f5c8564e155c67a6\"}]}"
                            .formatted(messages.incrementAndGet());
            default -> {
                ObjectNode done = JSON.createObjectNode();
                ArrayNode entries = done.putArray("Successful");
                request.path("Entries")
                        .forEach(entry -> entries.addObject().set("Id", entry.get("Id")));
                yield done.putArray("Failed").isEmpty() ? done.toString() : "";
            }
        };
    }

    private int runAt(HttpServer server, String... arguments) throws IOException {
        String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/0/dead";
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--dead-letter-queue=" + url);
        config();
        Path config = folder.resolve("worker.yaml");
        Files.writeString(
                config,
                Files.readString(config).replace(queue.url(), url.replace("/dead", "/images")));
        all.addAll(0, List.of("dead-letters", "--config=" + config));
        CommandLine commands = Millrace.commands();
        commands.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return commands.execute(all.toArray(String[]::new));
    }

    @Test
    void aQueueThatHidesNoMoreMessagesIsListedSoFar() throws Exception {
        HttpServer server = refusing("ReceiveMessage", 5, "com.amazonaws.sqs#OverLimit");
        try {
            assertEquals(0, runAt(server), err::toString);
            assertTrue(out.toString().contains("': 5 messages"), out::toString);
            assertEquals(
                    "millrace: the queue counts about 7 messages that it did not give out: hidden by a"
                            + " command that runs or was killed (until its --hold has passed), new,"
                            + " or beyond the 120,000 that it hides at most; run this again",
                    err.toString().strip());
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GetQueueAttributes, 0, 2, '--dead-letter-queue: '",
        "ReceiveMessage, 0, 1, ''",
        "DeleteMessageBatch, 0, 1, ''"
    })
    void accessThatIsDeniedIsOneLine(String action, int after, int code, String beginning)
            throws Exception {
        HttpServer server = refusing(action, after, "AccessDenied");
        try {
            assertEquals(code, runAt(server, "--drop", "--kind=malformed", "--yes"), err::toString);
            String last = err.toString().lines().toList().getLast();
            assertTrue(
                    last.startsWith("millrace: " + beginning + "'http://127.0.0.1:"),
                    err::toString);
            assertTrue(
                    last.endsWith(
                            "denies access (AccessDenied); check the credentials, and allow them"
                                    + " sqs:GetQueueAttributes, sqs:ReceiveMessage,"
                                    + " sqs:ChangeMessageVisibility, sqs:DeleteMessage"),
                    err::toString);
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --redrive --drop        | --redrive and --drop: give one of them
                    --drop                  | --drop: would delete every message; say which with --kind, --host or --older-than (--older-than 0s means all)
                    --yes                   | --yes: a list asks for none; add --redrive or --drop
                    --kind poisn            | --kind: 'poisn' is not one of
                    --host http://a/        | --host: 'http://a/' is not a host; write it like images.example.com, without http:// or a path
                    --older-than 5          | --older-than: '5' is not a duration; write it like 1500ms, 60s or 5m
                    --hold 5s               | --hold: '5s' must be from 10s to 1h
                    --rate 0                | --rate: '0' must be from 1 to 10000
                    --limit 0               | --limit: '0' must be 1 or more
                    --said no/such/file     | --said: 'no/such/file' cannot be read; name a file with the log of a worker, or '-'
                    --dead-letter-queue x   | --dead-letter-queue: 'x' is not an absolute http or https URL; copy the queue's URL, such as https://sqs.eu-central-1.amazonaws.com/123456789012/images
                    --dead-letter-queue DEAD-not | --dead-letter-queue: 'DEAD-not' does not exist; create the queue, or correct --dead-letter-queue
                    --dead-letter-queue QUEUE | --dead-letter-queue: 'QUEUE' is the queue itself; name the one that has its dead letters
                    """)
    void aMistakeIsOneLine(String words, String line) throws Exception {
        String here = words.replace("DEAD", dead).replace("QUEUE", queue.url());
        assertEquals(Millrace.MISTAKE, run(here.split(" ")), err::toString);
        String expected = line.replace("DEAD", dead).replace("QUEUE", queue.url());
        assertTrue(err.toString().startsWith("millrace: " + expected), err::toString);
        assertEquals(1, err.toString().lines().count(), err::toString);
        assertEquals("", out.toString());
    }

    @Test
    void aQueueWithoutDeadLettersSaysSo() throws Exception {
        Path config = config();
        Files.writeString(config, Files.readString(config).replace(queue.url(), dead));
        CommandLine commands = Millrace.commands();
        commands.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        assertEquals(Millrace.MISTAKE, commands.execute("dead-letters", "--config=" + config));
        assertEquals(
                "millrace: queue.url: '"
                        + dead
                        + "' has no redrive policy and so no dead letter queue; give it one, or name"
                        + " a queue with --dead-letter-queue",
                err.toString().strip());
    }

    /** More than several of them have in a call. */
    @Test
    void largeMessagesGoBackWhole() throws Exception {
        List<Integer> sizes = List.of(1 << 20, 900 << 10, 200 << 10, 100, (1 << 20) - 1, 1 << 20);
        for (int size : sizes) {
            send("x".repeat(size));
        }
        assertEquals(0, run("--redrive", "--yes"), err::toString);
        List<Integer> came = new ArrayList<>();
        while (came.size() < sizes.size()) {
            List<Message> some = queue.receive();
            assertFalse(some.isEmpty(), came::toString);
            some.forEach(message -> came.add(message.body().length()));
        }
        assertEquals(sizes.stream().sorted().toList(), came.stream().sorted().toList());
        assertEquals(0, queue.deadLetters());
    }
}
