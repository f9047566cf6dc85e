package dev.millrace.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.source.QueueSettings;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;

/**
 * The calls of SQS that a worker and {@code submit} make, after a round trip, for a queue that is
 * full or that a test fills. It forgets what it gives out, counts what runs at once, and costs
 * little, so that what a component takes can be measured beside it. A virtual thread for each
 * connection.
 */
public final class FarQueue implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private volatile String body = TestQueue.body("m");
    private volatile String bodyMd5 = md5(body);

    private final ServerSocket server;
    private final Duration roundTrip;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger receipts = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();

    /** How many messages an answer has at most, by how many were asked for. */
    public volatile IntUnaryOperator most = asked -> asked;

    /** Called amid each call with its name. */
    public volatile Consumer<String> amid = _ -> {};

    /** What is left in the queue. */
    public final Semaphore messages = new Semaphore(0);

    public final AtomicInteger receives = new AtomicInteger();
    public final AtomicInteger deletes = new AtomicInteger();
    public final AtomicInteger deleted = new AtomicInteger();
    public final AtomicInteger extended = new AtomicInteger();
    public final AtomicInteger sent = new AtomicInteger();

    /** Most calls at once. */
    public final AtomicInteger mostRunning = new AtomicInteger();

    public FarQueue(Duration roundTrip) throws IOException {
        this.roundTrip = roundTrip;
        this.server = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("far-queue").start(this::acceptAll);
    }

    public String url() {
        return "http://127.0.0.1:" + server.getLocalPort() + "/000000000000/images";
    }

    /** Settings for the queue: polls of 1 s and the rest by default. */
    public QueueSettings settings() {
        return QueueSettings.of(url(), draft -> draft.waitTime = Duration.ofSeconds(1));
    }

    /** Of all messages. */
    public void body(String text) {
        body = text;
        bodyMd5 = md5(text);
    }

    /** Calls that run now. */
    public int running() {
        return running.get();
    }

    private void acceptAll() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                // It was closed.
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            String action = "";
            int length = 0;
            for (String line = line(in); line != null; line = line(in)) {
                String lower = line.toLowerCase(Locale.ROOT);
                if (lower.startsWith("x-amz-target:")) {
                    action = line.substring(line.lastIndexOf('.') + 1);
                } else if (lower.startsWith("content-length:")) {
                    length = Integer.parseInt(line.substring(line.indexOf(':') + 1).trim());
                } else if (line.isEmpty()) {
                    byte[] body = counted(action, in.readNBytes(length));
                    out.write(head(body.length));
                    out.write(body);
                }
            }
        } catch (IOException | InterruptedException e) {
            // The client hung up, or the queue was closed.
        } finally {
            open.remove(socket);
        }
    }

    /** Without its end; null where there is none. */
    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int next = in.read();
        for (; next >= 0 && next != '\n'; next = in.read()) {
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return next < 0 ? null : line.toString();
    }

    private static byte[] head(int length) {
        return ("HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: "
                        + length
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private byte[] counted(String action, byte[] body) throws IOException, InterruptedException {
        mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
        try {
            amid.accept(action);
            Thread.sleep(roundTrip);
            return answer(action, JSON.readTree(body)).getBytes(StandardCharsets.UTF_8);
        } finally {
            running.decrementAndGet();
        }
    }

    private String answer(String action, JsonNode request) throws InterruptedException {
        return switch (action) {
            case "ReceiveMessage" -> received(request);
            case "DeleteMessageBatch" -> {
                deletes.incrementAndGet();
                yield took(deleted, request);
            }
            case "ChangeMessageVisibilityBatch" -> took(extended, request);
            case "SendMessageBatch" -> sent(request);
            default -> throw new IllegalStateException(action);
        };
    }

    private String sent(JsonNode request) {
        ObjectNode answer = JSON.createObjectNode();
        for (JsonNode entry : request.path("Entries")) {
            answer.withArray("Successful")
                    .addObject()
                    .put("Id", entry.path("Id").asText())
                    .put("MessageId", "s" + sent.incrementAndGet())
                    .put("MD5OfMessageBody", md5(entry.path("MessageBody").asText()));
        }
        return answer.toString();
    }

    /** Waits for the first message, as a long poll does, and takes what else is there. */
    private String received(JsonNode request) throws InterruptedException {
        receives.incrementAndGet();
        int asked = most.applyAsInt(request.path("MaxNumberOfMessages").asInt());
        int waitSeconds = request.path("WaitTimeSeconds").asInt();
        StringBuilder all = new StringBuilder("{\"Messages\":[");
        int given = 0;
        if (messages.tryAcquire(waitSeconds, TimeUnit.SECONDS)) {
            do {
                all.append(given++ == 0 ? "" : ",").append(message());
            } while (given < asked && messages.tryAcquire());
        }
        return all.append("]}").toString();
    }

    private String message() {
        int receipt = receipts.incrementAndGet();
        return "{\"MessageId\":\"m%d\",\"ReceiptHandle\":\"r%d\",\"MD5OfBody\":\"%s\",\"Body\":%s,\"Attributes\":{\"ApproximateReceiveCount\":\"1\",\"SentTimestamp\":\"1\"}}"
                .formatted(receipt, receipt, bodyMd5, JSON.valueToTree(body));
    }

    private static String took(AtomicInteger counter, JsonNode request) {
        JsonNode entries = request.path("Entries");
        counter.addAndGet(entries.size());
        StringBuilder all = new StringBuilder("{\"Failed\":[],\"Successful\":[");
        for (int i = 0; i < entries.size(); i++) {
            all.append(i == 0 ? "" : ",").append("{\"Id\":").append(entries.get(i).get("Id"));
            all.append('}');
        }
        return all.append("]}").toString();
    }

    private static String md5(String text) {
        try {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
