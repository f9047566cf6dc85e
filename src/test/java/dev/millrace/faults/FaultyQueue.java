package dev.millrace.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;

/**
 * Stands before a queue server and fails as a cloud does: refuses connections, throttles, delivers
 * twice, fails single entries of batches. Where the server differs from AWS it answers as AWS does:
 * a stale delete succeeds and deletes nothing, and no message is hidden for more than 12 h. Speaks
 * the JSON protocol of SQS. Faults are set while it runs.
 */
final class FaultyQueue implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TARGET = "X-Amz-Target";
    private static final String VISIBILITY = "VisibilityTimeout";
    private static final long LONGEST_HIDDEN_SECONDS = TimeUnit.HOURS.toSeconds(12);

    /** A copy comes while the first is worked on, or after it. */
    private static final long MOST_COPY_DELAY_NS = TimeUnit.SECONDS.toNanos(1);

    /** In one answer. */
    private static final int MOST_COPIES = 5;

    private final URI server;
    private final int port;
    private final HttpClient client = HttpClient.newHttpClient();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final SplittableRandom random;
    private final Map<String, Long> receivedNs = new ConcurrentHashMap<>();
    private final Map<String, String> originals = new ConcurrentHashMap<>();
    private final Queue<Copy> copies = new ConcurrentLinkedQueue<>();
    private HttpServer front;

    /** Share of calls that are answered with a request to slow down. */
    volatile double throttled;

    /** Share of messages that are delivered a second time while the first copy is worked on. */
    volatile double duplicated;

    /** Share of entries of a delete batch that fail. */
    volatile double failingEntries;

    /** Share of entries of a batch of sent messages that fail. */
    volatile double failingSends;

    /** Whether changes of visibility fail. */
    volatile boolean refusesHeartbeats;

    /** For how many seconds a message is hidden where so many are asked for. */
    volatile IntUnaryOperator hiddenSeconds = IntUnaryOperator.identity();

    /** Changes a message before it is handed out. */
    volatile Consumer<ObjectNode> mangler = _ -> {};

    /** When each receive call began, by the monotonic clock. */
    final List<Long> receiveCallsNs = new CopyOnWriteArrayList<>();

    /** By receipt: when it was received and when it was hidden for longer. */
    final Map<String, List<Long>> hiddenNs = new ConcurrentHashMap<>();

    /** Receipts by which the server did delete a message; of a copy, that of its original. */
    final Set<String> deletedReceipts = ConcurrentHashMap.newKeySet();

    final AtomicInteger received = new AtomicInteger();
    final AtomicInteger duplicates = new AtomicInteger();
    final AtomicInteger deleteEntries = new AtomicInteger();
    final AtomicInteger failedEntries = new AtomicInteger();
    final AtomicInteger throttles = new AtomicInteger();
    final AtomicInteger staleDeletes = new AtomicInteger();

    FaultyQueue(URI server, long seed) throws IOException {
        this.server = server;
        this.random = new SplittableRandom(seed);
        this.front = open(0);
        this.port = front.getAddress().getPort();
    }

    private HttpServer open(int at) throws IOException {
        HttpServer opened =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 256);
        opened.setExecutor(threads);
        opened.createContext("/", this::serve);
        opened.start();
        return opened;
    }

    String url() {
        return "http://127.0.0.1:" + port + "/000000000000/images";
    }

    /** From now on connections are refused. */
    void goDown() {
        front.stop(0);
    }

    void comeBack() throws IOException {
        front = open(port);
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String action = exchange.getRequestHeaders().getFirst(TARGET).split("\\.")[1];
            ObjectNode request = (ObjectNode) JSON.readTree(exchange.getRequestBody());
            Answer answer =
                    happens(throttled) ? throttle() : answer(exchange, action, request.deepCopy());
            byte[] body = JSON.writeValueAsBytes(answer.body);
            exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.0");
            exchange.sendResponseHeaders(answer.status, body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private record Copy(long dueNs, ObjectNode message) {}

    private record Answer(int status, JsonNode body) {
        boolean isGood() {
            return status == 200;
        }
    }

    private boolean happens(double share) {
        return random() < share;
    }

    private synchronized double random() {
        return random.nextDouble();
    }

    private Answer throttle() {
        throttles.incrementAndGet();
        return error(400, "com.amazonaws.sqs#RequestThrottled", "Rate exceeded.");
    }

    private static Answer error(int status, String type, String message) {
        return new Answer(
                status, JSON.createObjectNode().put("__type", type).put("message", message));
    }

    private Answer answer(HttpExchange exchange, String action, ObjectNode request)
            throws IOException, InterruptedException {
        return switch (action) {
            case "ReceiveMessage" -> receive(exchange, request);
            case "DeleteMessageBatch" -> delete(exchange, request);
            case "SendMessageBatch" -> send(exchange, request);
            case "ChangeMessageVisibilityBatch" -> changeVisibility(exchange, request);
            default -> forward(exchange, action, request);
        };
    }

    private Answer receive(HttpExchange exchange, ObjectNode request)
            throws IOException, InterruptedException {
        receiveCallsNs.add(System.nanoTime());
        List<ObjectNode> again = dueCopies();
        int most = request.path("MaxNumberOfMessages").asInt(1);
        request.put("MaxNumberOfMessages", Math.max(1, most - again.size()));
        Answer answer = forward(exchange, "ReceiveMessage", request);
        for (JsonNode message : answer.body.path("Messages")) {
            String receipt = message.path("ReceiptHandle").asText();
            receivedNs.put(receipt, System.nanoTime());
            hide(receipt);
            if (happens(duplicated)) {
                copy(message);
            }
        }
        if (answer.isGood()) {
            ArrayNode messages = ((ObjectNode) answer.body).withArray("Messages").addAll(again);
            messages.forEach(message -> mangler.accept((ObjectNode) message));
            received.addAndGet(messages.size());
        }
        return answer;
    }

    /** The second delivery of a message, with a receipt of its own; it goes out a little later. */
    private void copy(JsonNode message) {
        ObjectNode copy = message.deepCopy();
        String receipt = "copy-" + duplicates.incrementAndGet();
        originals.put(receipt, message.path("ReceiptHandle").asText());
        copy.put("ReceiptHandle", receipt);
        ((ObjectNode) copy.path("Attributes")).put("ApproximateReceiveCount", "2");
        long dueNs = System.nanoTime() + (long) (random() * MOST_COPY_DELAY_NS);
        copies.add(new Copy(dueNs, copy));
    }

    private List<ObjectNode> dueCopies() {
        List<ObjectNode> due = new ArrayList<>();
        for (Copy copy : copies) {
            if (due.size() < MOST_COPIES
                    && System.nanoTime() - copy.dueNs >= 0
                    && copies.remove(copy)) {
                due.add(copy.message);
            }
        }
        return due;
    }

    private Answer delete(HttpExchange exchange, ObjectNode request)
            throws IOException, InterruptedException {
        List<JsonNode> kept = new ArrayList<>();
        List<JsonNode> failing = new ArrayList<>();
        for (JsonNode entry : request.get("Entries")) {
            deleteEntries.incrementAndGet();
            (happens(failingEntries) ? failing : kept).add(entry);
        }
        failedEntries.addAndGet(failing.size());
        Answer answer = forwardEntries(exchange, "DeleteMessageBatch", request, kept);
        if (answer.isGood()) {
            note(kept, answer.body.path("Failed"));
            asAwsDeletes((ObjectNode) answer.body);
            failing.forEach(entry -> report((ObjectNode) answer.body, entry));
        }
        return answer;
    }

    private Answer send(HttpExchange exchange, ObjectNode request)
            throws IOException, InterruptedException {
        List<JsonNode> kept = new ArrayList<>();
        List<JsonNode> failing = new ArrayList<>();
        for (JsonNode entry : request.get("Entries")) {
            (happens(failingSends) ? failing : kept).add(entry);
        }
        failedEntries.addAndGet(failing.size());
        request.putArray("Entries").addAll(kept);
        Answer answer =
                kept.isEmpty()
                        ? new Answer(200, JSON.createObjectNode())
                        : forward(exchange, "SendMessageBatch", request);
        if (answer.isGood()) {
            failing.forEach(entry -> report((ObjectNode) answer.body, entry));
        }
        return answer;
    }

    private void note(List<JsonNode> deletes, JsonNode failed) {
        List<String> not = failed.valueStream().map(entry -> entry.path("Id").asText()).toList();
        for (JsonNode entry : deletes) {
            if (!not.contains(entry.path("Id").asText())) {
                String receipt = entry.path("ReceiptHandle").asText();
                deletedReceipts.add(originals.getOrDefault(receipt, receipt));
            }
        }
    }

    /** AWS answers the delete of a receipt that is not the newest as if it had done it. */
    private void asAwsDeletes(ObjectNode body) {
        ArrayNode failed = body.withArray("Failed");
        for (JsonNode entry : failed) {
            staleDeletes.incrementAndGet();
            body.withArray("Successful").addObject().set("Id", entry.get("Id"));
        }
        failed.removeAll();
    }

    private Answer changeVisibility(HttpExchange exchange, ObjectNode request)
            throws IOException, InterruptedException {
        if (refusesHeartbeats) {
            return error(500, "com.amazonaws.sqs#InternalFailure", "try again");
        }
        List<JsonNode> kept = new ArrayList<>();
        List<JsonNode> refused = new ArrayList<>();
        for (JsonNode entry : request.get("Entries")) {
            (exceedsCap(entry) ? refused : kept).add(entry);
        }
        kept.forEach(entry -> hide(entry.path("ReceiptHandle").asText()));
        kept.forEach(
                entry -> {
                    int asked = entry.path(VISIBILITY).asInt();
                    ((ObjectNode) entry).put(VISIBILITY, hiddenSeconds.applyAsInt(asked));
                });
        Answer answer = forwardEntries(exchange, "ChangeMessageVisibilityBatch", request, kept);
        refused.forEach(entry -> report((ObjectNode) answer.body, entry));
        return answer;
    }

    private void hide(String receipt) {
        hiddenNs.computeIfAbsent(receipt, _ -> new CopyOnWriteArrayList<>()).add(System.nanoTime());
    }

    private boolean exceedsCap(JsonNode entry) {
        Long since = receivedNs.get(entry.path("ReceiptHandle").asText());
        long age = since == null ? 0 : TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since);
        return age + entry.path(VISIBILITY).asLong() > LONGEST_HIDDEN_SECONDS;
    }

    private static void report(ObjectNode body, JsonNode entry) {
        body.withArray("Failed")
                .addObject()
                .put("SenderFault", false)
                .put("Code", "InternalError")
                .put("Message", "a part of the service failed")
                .set("Id", entry.get("Id"));
    }

    private Answer forwardEntries(
            HttpExchange exchange, String action, ObjectNode request, List<JsonNode> entries)
            throws IOException, InterruptedException {
        if (entries.isEmpty()) {
            return new Answer(200, JSON.createObjectNode());
        }
        ArrayNode forwarded = request.putArray("Entries");
        for (JsonNode entry : entries) {
            String receipt = entry.path("ReceiptHandle").asText();
            ObjectNode real = entry.deepCopy();
            forwarded.add(real.put("ReceiptHandle", originals.getOrDefault(receipt, receipt)));
        }
        return forward(exchange, action, request);
    }

    private Answer forward(HttpExchange exchange, String action, ObjectNode request)
            throws IOException, InterruptedException {
        HttpResponse<byte[]> response =
                client.send(
                        HttpRequest.newBuilder(server.resolve("/"))
                                .header("Content-Type", "application/x-amz-json-1.0")
                                .header(TARGET, "AmazonSQS." + action)
                                .header(
                                        "Authorization",
                                        String.valueOf(
                                                exchange.getRequestHeaders()
                                                        .getFirst("Authorization")))
                                .POST(
                                        HttpRequest.BodyPublishers.ofByteArray(
                                                JSON.writeValueAsBytes(request)))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        JsonNode body =
                response.body().length == 0
                        ? JSON.createObjectNode()
                        : JSON.readTree(response.body());
        return new Answer(response.statusCode(), body);
    }

    @Override
    public void close() {
        front.stop(0);
        threads.shutdownNow();
        client.shutdownNow();
    }
}
