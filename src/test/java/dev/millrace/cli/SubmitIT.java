package dev.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.testing.CommandProcess;
import dev.millrace.testing.FarQueue;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WaitsMostly;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import software.amazon.awssdk.services.sqs.model.Message;

/** What {@code submit} writes down, and the one line that it says when it cannot send. */
@WaitsMostly
class SubmitIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String AWS = "https://sqs.eu-central-1.amazonaws.com/123456789012/images";

    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** An answer of a server in the place of the queue. */
    private record Answer(int status, String body) {}

    private int submit(String... arguments) {
        List<String> all = new ArrayList<>(List.of("submit", "--tasks=safety"));
        all.addAll(List.of(arguments));
        if (all.stream().noneMatch(one -> one.startsWith("--callback"))) {
            all.add("--callback=http://sink/");
        }
        CommandLine commands = Millrace.commands();
        commands.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return commands.execute(all.toArray(String[]::new));
    }

    private void assertRefused(String line, String... arguments) {
        assertEquals(Millrace.MISTAKE, submit(arguments));
        assertEquals(line + System.lineSeparator(), err.toString());
        assertEquals("", out.toString());
    }

    @Test
    void theIdsAreThoseOfTheQueueAndAreAppended() throws Exception {
        Path ids = folder.resolve("ids.jsonl");
        try (TestQueue queue = new TestQueue(5)) {
            String[] urls =
                    IntStream.range(0, 12).mapToObj(i -> "http://a/" + i).toArray(String[]::new);
            List<String> words = new ArrayList<>(List.of("--queue=" + queue.url(), "--ids=" + ids));
            words.addAll(List.of(urls));
            assertEquals(0, submit(words.toArray(String[]::new)), err::toString);
            assertEquals(0, submit("--queue=" + queue.url(), "--ids=-", "http://a/12"));
            assertEquals("12 messages sent", out.toString().lines().findFirst().orElseThrow());
            assertEquals("1 message sent", err.toString().strip());
            List<String> lines = new ArrayList<>(Files.readAllLines(ids));
            assertEquals(12, lines.size());
            lines.addAll(out.toString().lines().skip(1).toList());
            List<String> sent = new ArrayList<>();
            for (List<Message> some = queue.receive(); !some.isEmpty(); some = queue.receive()) {
                for (Message message : some) {
                    sent.add(message.messageId() + " " + JSON.readTree(message.body()).get("url"));
                }
            }
            List<String> written = new ArrayList<>();
            for (String line : lines) {
                JsonNode one = JSON.readTree(line);
                written.add(one.get("id").asText() + " " + one.get("url"));
            }
            assertEquals(sent.stream().sorted().toList(), written.stream().sorted().toList());

            assertEquals(0, submit("--queue=" + queue.url(), "--ids=" + ids, "http://a/13"));
            assertEquals(13, Files.readAllLines(ids).size());
        }
    }

    @Test
    void nothingIsSentToAFifoQueue() {
        assertRefused(
                "millrace: --queue: 'http://127.0.0.1:1/0/images.fifo' is a FIFO queue, whose order within a group a worker does not keep; use a standard queue",
                "--queue=http://127.0.0.1:1/0/images.fifo",
                "http://a/0");
    }

    @Test
    void someThatAreRefusedAreNamed() throws Exception {
        String url = "http://127.0.0.1:%s/000000000000/images";
        Path ids = folder.resolve("ids.jsonl");
        HttpServer server = server(SubmitIT::takesEven);
        try {
            String queue = url.formatted(server.getAddress().getPort());
            assertEquals(1, submit("--queue=" + queue, "--ids=" + ids, "http://a/0", "http://a/1"));
            assertEquals("1 message sent", out.toString().strip());
            assertEquals(
                    "millrace: 1 message was not sent: InternalError: busy",
                    err.toString().strip());
            assertEquals(
                    """
                    {"id":"m0","url":"http://a/0"}
                    {"url":"http://a/1","error":"InternalError: busy"}
                    """,
                    Files.readString(ids));
        } finally {
            server.stop(0);
        }
    }

    /** The first ten are sent, then the queue is gone. */
    @Test
    void whatIsNotSentAfterAnErrorIsCounted() throws Exception {
        int[] calls = {0};
        HttpServer server =
                server(
                        request ->
                                calls[0]++ == 0
                                        ? takes(request, _ -> true)
                                        : new Answer(403, "{\"__type\":\"AccessDenied\"}"));
        try {
            Path list = folder.resolve("list.txt");
            Files.write(list, IntStream.range(0, 25).mapToObj(i -> "http://a/" + i).toList());
            String queue = "http://127.0.0.1:" + server.getAddress().getPort() + "/0/images";
            assertEquals(1, submit("--queue=" + queue, list.toString()));
            assertEquals("10 messages sent", out.toString().strip());
            assertEquals(
                    "millrace: 15 messages were not sent: '"
                            + queue
                            + "' denies access (AccessDenied); check the credentials, and allow them"
                            + " sqs:SendMessage; --ids FILE writes down which",
                    err.toString().strip());
            calls[0] = 0;
            Path ids = folder.resolve("ids.jsonl");
            assertEquals(1, submit("--queue=" + queue, "--ids=" + ids, list.toString()));
            Map<String, JsonNode> lines = new HashMap<>();
            for (String line : Files.readAllLines(ids)) {
                JsonNode one = JSON.readTree(line);
                assertNull(lines.put(one.path("url").asText(), one));
            }
            assertEquals(25, lines.size());
            for (int i = 0; i < 25; i++) {
                JsonNode line = lines.get("http://a/" + i);
                assertEquals(i < 10 ? "m" + i : "", line.path("id").asText());
                assertEquals(i >= 10, line.path("error").asText().contains("denies access"));
            }
        } finally {
            server.stop(0);
        }
    }

    /** What was sent is written down whatever ends the process, and a full disk is not silent. */
    @Test
    void theFileHasWhatWasSentSoFarOrOneLineSaysThatItHasNot() throws Exception {
        Path ids = folder.resolve("ids.jsonl");
        List<Integer> written = new ArrayList<>();
        HttpServer server =
                server(
                        request -> {
                            written.add(lines(ids));
                            return takes(request, _ -> true);
                        });
        try {
            Path list = folder.resolve("list.txt");
            Files.write(list, IntStream.range(0, 25).mapToObj(i -> "http://a/" + i).toList());
            String queue = "http://127.0.0.1:" + server.getAddress().getPort() + "/0/images";
            assertEquals(0, submit("--queue=" + queue, "--ids=" + ids, list.toString()));
            // The last two calls may run beside each other.
            assertEquals(List.of(0, 10), written.subList(0, 2));
            assertEquals(3, written.size());
            assertEquals(25, lines(ids));
            assumeTrue(Files.exists(Path.of("/dev/full")));
            assertEquals(0, submit("--queue=" + queue, "--ids=/dev/full", list.toString()));
            assertEquals(
                    "millrace: --ids: '/dev/full' lacks lines, since it could not be written; free space there",
                    err.toString().strip());
        } finally {
            server.stop(0);
        }
    }

    /** A round trip of 50 ms would bound one call at a time to 200 messages a second. */
    @Test
    void callsRunBesideEachOther() throws Exception {
        Path list = folder.resolve("list.txt");
        Path ids = folder.resolve("ids.jsonl");
        Files.write(list, IntStream.range(0, 1000).mapToObj(i -> "http://a/" + i).toList());
        try (FarQueue queue = new FarQueue(Duration.ofMillis(50))) {
            long startNs = System.nanoTime();
            assertEquals(0, submit("--queue=" + queue.url(), "--ids=" + ids, list.toString()));
            System.out.printf(
                    "submit: 1,000 messages at a round trip of 50 ms in %.1f s, %d calls at once%n",
                    (System.nanoTime() - startNs) / 1e9, queue.mostRunning.get());
            assertEquals("1000 messages sent", out.toString().strip());
            assertEquals(1000, queue.sent.get());
            assertEquals(1000, lines(ids));
            int most = queue.mostRunning.get();
            assertTrue(most > 1 && most <= Submission.CALLS, () -> most + " calls at once");
        }
    }

    private static int lines(Path file) {
        try {
            return Files.readAllLines(file).size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Answer takesEven(JsonNode request) {
        return takes(request, id -> id % 2 == 0);
    }

    private static Answer takes(JsonNode request, Function<Integer, Boolean> isTaken) {
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode taken = answer.putArray("Successful");
        ArrayNode failed = answer.putArray("Failed");
        for (JsonNode entry : request.get("Entries")) {
            String id = entry.get("Id").asText();
            if (isTaken.apply(Integer.parseInt(id))) {
                taken.addObject()
                        .put("Id", id)
                        .put("MessageId", "m" + id)
                        .put("MD5OfMessageBody", md5(entry.get("MessageBody").asText()));
            } else {
                failed.addObject()
                        .put("Id", id)
                        .put("Code", "InternalError")
                        .put("SenderFault", false)
                        .put("Message", "busy");
            }
        }
        return new Answer(200, answer.toString());
    }

    private static String md5(String body) {
        try {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static HttpServer server(Function<JsonNode, Answer> answers) throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        Answer answer = answers.apply(JSON.readTree(exchange.getRequestBody()));
                        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
                        exchange.getResponseHeaders()
                                .add("Content-Type", "application/x-amz-json-1.0");
                        exchange.sendResponseHeaders(answer.status(), body.length);
                        exchange.getResponseBody().write(body);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
        server.start();
        return server;
    }

    @Test
    void aQueueThatDoesNotExistAndAPortWhereNobodyListens() throws IOException {
        try (TestQueue queue = new TestQueue(5)) {
            String url = queue.endpoint() + "/000000000000/other";
            assertEquals(Millrace.MISTAKE, submit("--queue=" + url, "http://a/0"));
            assertTrue(
                    err.toString()
                            .startsWith(
                                    "millrace: --queue: '"
                                            + url
                                            + "' does not exist; create the queue, or correct --queue"),
                    err.toString());
        }
        assertEquals(1, err.toString().lines().count(), err.toString());
        err.getBuffer().setLength(0);
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        String url = "http://127.0.0.1:" + port + "/0/images";
        assertEquals(Millrace.MISTAKE, submit("--queue=" + url, "http://a/0"));
        assertTrue(
                err.toString().startsWith("millrace: --queue: '" + url + "' cannot be reached ("),
                err.toString());
        assertTrue(
                err.toString()
                        .endsWith(
                                "; check --queue, --endpoint and the network"
                                        + System.lineSeparator()),
                err.toString());
        assertEquals(1, err.toString().lines().count(), err.toString());
    }

    @Test
    void accessThatIsDenied() throws IOException {
        HttpServer server = server(_ -> new Answer(403, "<html>no</html>"));
        try {
            String queue = "http://127.0.0.1:" + server.getAddress().getPort() + "/0/images";
            assertRefused(
                    "millrace: --queue: '"
                            + queue
                            + "' denies access (status 403); check the credentials, and allow them"
                            + " sqs:SendMessage",
                    "--queue=" + queue,
                    "http://a/0");
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    s3://P/               | IMAGE: 's3://P/': 'P' is no name of a bucket; write s3://bucket/prefix
                    ftp://b/a.jpg         | IMAGE: 'ftp://b/a.jpg' is not a URL; write it like https://images.example.com/cat.jpg
                    https:///a.jpg        | IMAGE: 'https:///a.jpg' is not a URL; write it like https://images.example.com/cat.jpg
                    no/such/file          | IMAGE: 'no/such/file' is neither a URL nor a file or folder that can be read; check it
                    http://a/0 --region us-east-1 | --queue: the region 'us-east-1' is not the region of 'AWS', whose URL names 'eu-central-1'; leave the region out
                    http://a/0 --callback sink    | --callback: 'sink' is not a URL; write it like https://images.example.com/cat.jpg
                    http://a/0 --ids /no/such/ids | --ids: '/no/such/ids' cannot be written; name a file in a folder that is there and may be written to
                    http://a/0 --endpoint here    | --endpoint: 'here' is not an absolute http or https URL; write it like http://localhost:9324
                    """)
    void aMistakeIsOneLine(String words, String said) {
        String[] arguments =
                Stream.concat(
                                Stream.of("--queue=" + AWS),
                                Stream.of(words.replace("--callback ", "--callback=").split(" ")))
                        .toArray(String[]::new);
        assertRefused("millrace: " + said.replace("'AWS'", "'" + AWS + "'"), arguments);
    }

    @Test
    void whatIsNoListOfUrls() throws IOException {
        Path picture = Files.write(folder.resolve("a.jpg"), new byte[] {(byte) 0xFF, (byte) 0xD8});
        assertRefused(
                "millrace: IMAGE: '"
                        + picture
                        + "' is not a text file of URLs; to send the images of a folder, give the folder, and --base-url for where it is served",
                "--queue=" + AWS,
                picture.toString());
        err.getBuffer().setLength(0);
        Path list =
                Files.writeString(
                        folder.resolve("list"), "http://a/0\n s3://photos/a b.jpg\n s3://b/c \n");
        assertRefused(
                "millrace: IMAGE: line 3 of '"
                        + list
                        + "': 's3://b/c': 'b' is no name of a bucket; write s3://bucket/key, the bucket with 3 to 63 lower-case letters, digits, dots and hyphens",
                "--queue=" + AWS,
                list.toString());
        err.getBuffer().setLength(0);
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertRefused(
                "millrace: IMAGE: '"
                        + empty
                        + "' names no image; give a folder with images, or a file with URLs",
                "--queue=" + AWS,
                "--base-url=http://h/",
                empty.toString());
        err.getBuffer().setLength(0);
        assertRefused(
                "millrace: --queue: 'images' is not an absolute http or https URL; copy the queue's URL, such as https://sqs.eu-central-1.amazonaws.com/123456789012/images",
                "--queue=images",
                "http://a/0");
    }

    /** With an instance metadata service that takes connections and never answers. */
    @Test
    void missingCredentialsAreOneLine() throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/bin/env")));
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            CommandProcess.End end =
                    CommandProcess.run(
                            List.of(
                                    "/usr/bin/env",
                                    "-i",
                                    "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:"
                                            + silent.getLocalPort()),
                            60,
                            List.of("-Duser.home=" + folder),
                            List.of(
                                    "submit",
                                    "--queue=" + AWS,
                                    "--tasks=safety",
                                    "--callback=http://sink/",
                                    "http://a/0"));
            assertEquals(2, end.code(), end.said());
            assertEquals(
                    "millrace: --queue: '"
                            + AWS
                            + "' needs AWS credentials, and none were found in environment"
                            + " variables, in the files of ~/.aws or in a role of this machine; set"
                            + " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
                    end.said().strip());
            assertFalse(end.said().contains("Exception"));
        }
    }
}
