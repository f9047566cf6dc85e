package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.TestQueue;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The books of one run, by ids: what was sent, what the sink received for it, what is left in the
 * queue and in the dead letter queue. It is the sink itself, and can be taken down.
 */
final class Ledger implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Of lost ids, in a line. */
    private static final int NAMED = 10;

    private final Set<String> sent = ConcurrentHashMap.newKeySet();
    private final Map<String, List<Callback>> callbacks = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger arrivals = new AtomicInteger();
    private final int port;
    private HttpServer server;

    /** Sees each callback that the sink took. */
    volatile BiConsumer<Headers, byte[]> witness = (_, _) -> {};

    /** How long the sink takes for an answer. */
    volatile Duration delay = Duration.ZERO;

    /** The member of a message that says where its result goes; empty for the worker's default. */
    volatile String destination;

    /** What it answers; results are entered where it is 2xx. */
    volatile int status = 204;

    /** One callback that the sink took. */
    record Callback(String webhookId, long epochSeconds, String hash, String error) {}

    Ledger() throws IOException {
        server = open(0);
        port = server.getAddress().getPort();
        destination = ", \"callback_url\": \"" + sink() + '"';
    }

    private HttpServer open(int at) throws IOException {
        HttpServer opened =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 512);
        opened.setExecutor(threads);
        opened.createContext("/results", this::take);
        opened.start();
        return opened;
    }

    /** From now on the sink refuses connections. */
    void goDown() {
        server.stop(0);
    }

    void comeBack() throws IOException {
        server = open(port);
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            arrivals.incrementAndGet();
            Thread.sleep(delay);
            if (status < 300) {
                enter(exchange.getRequestHeaders(), body);
            }
            exchange.sendResponseHeaders(status, -1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void enter(Headers headers, byte[] body) throws IOException {
        witness.accept(headers, body);
        enter(
                headers.getFirst("webhook-id"),
                Long.parseLong(headers.getFirst("webhook-timestamp")),
                body);
    }

    /** Enters a result that came another way than by a callback. */
    void enter(String webhookId, long epochSeconds, byte[] body) throws IOException {
        JsonNode result = JSON.readTree(body);
        Callback callback =
                new Callback(
                        webhookId, epochSeconds, hash(body), result.at("/error/kind").asText());
        // In one step, so that nobody sees an id without a callback.
        callbacks.compute(
                result.path("id").asText(),
                (_, known) -> {
                    List<Callback> all = known == null ? new CopyOnWriteArrayList<>() : known;
                    all.add(callback);
                    return all;
                });
    }

    private static String hash(byte[] body) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(body);
            return HexFormat.of().formatHex(Arrays.copyOf(digest, 8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    String sink() {
        return "http://127.0.0.1:" + port + "/results";
    }

    /** Sends messages with the ids {@code prefix + n} and the image that {@code url} gives each. */
    void send(TestQueue queue, String prefix, int count, IntFunction<String> url) {
        queue.send(
                IntStream.range(0, count).mapToObj(i -> body(prefix + i, url.apply(i))).toList());
    }

    private String body(String id, String url) {
        sent.add(id);
        return """
        {"id": "%s", "url": "%s", "task": "safety"%s}"""
                .formatted(id, url, destination);
    }

    int sent() {
        return sent.size();
    }

    /** Ids with at least one callback. */
    int answered() {
        return callbacks.size();
    }

    /** Ids with this prefix and at least one callback. */
    long answered(String prefix) {
        return callbacks.keySet().stream().filter(id -> id.startsWith(prefix)).count();
    }

    /** Callbacks beyond the first for the same id. */
    int duplicates() {
        return callbacks.values().stream().mapToInt(list -> list.size() - 1).sum();
    }

    /** Requests at the sink, those that it refused included. */
    int arrivals() {
        return arrivals.get();
    }

    Map<String, List<Callback>> callbacks() {
        return callbacks;
    }

    /** Waits until so many ids have a callback. */
    void await(int ids, int seconds) throws InterruptedException {
        Loopback.awaitUntil(
                () -> answered() >= ids, seconds, () -> answered() + " of " + ids + " answered");
    }

    /** Waits until all that was sent is answered and the queue is empty. */
    void awaitAll(TestQueue queue, int seconds) throws InterruptedException {
        await(sent(), seconds);
        Loopback.awaitUntil(() -> queue.left() == 0, 30, () -> queue.left() + " left");
    }

    /**
     * Ids that have no callback and are neither in the queue nor dead. It takes what is left out of
     * the queue, so it belongs to the end of a run.
     */
    SortedSet<String> lostIds(TestQueue queue) {
        SortedSet<String> lost = new TreeSet<>(sent);
        lost.removeAll(callbacks.keySet());
        lost.removeAll(leftIds(queue));
        lost.removeAll(ids(queue.deadBodies()));
        return lost;
    }

    /** How many they are. */
    long lost(TestQueue queue) {
        return lostIds(queue).size();
    }

    /** Ids that are left in the queue; likewise for the end of a run. */
    Set<String> leftIds(TestQueue queue) {
        return ids(queue.leftBodies());
    }

    private static Set<String> ids(Collection<String> bodies) {
        Set<String> ids = new HashSet<>();
        for (String body : bodies) {
            try {
                ids.add(JSON.readTree(body).path("id").asText());
            } catch (IOException e) {
                // A malformed message has none.
            }
        }
        return ids;
    }

    /** Fails with the ids of what is lost. */
    void requireNothingLost(TestQueue queue) {
        assertEquals(Set.of(), lostIds(queue), () -> "lost; " + state(queue));
    }

    /**
     * As {@link #requireNothingLost}, and what is answered is left no more: nothing comes twice.
     */
    void requireAnsweredOrLeft(TestQueue queue) {
        requireNothingLost(queue);
        Set<String> both = leftIds(queue);
        both.retainAll(callbacks.keySet());
        assertEquals(Set.of(), both, () -> "answered and left; " + state(queue));
        Set<String> known = leftIds(queue);
        known.addAll(callbacks.keySet());
        assertEquals(sent, known, () -> "answered or left; " + state(queue));
    }

    /** The counts, at any time. */
    String state(TestQueue queue) {
        return "%,d sent, %,d answered, %,d duplicates, %d left, %d dead letters"
                .formatted(sent(), answered(), duplicates(), queue.left(), queue.deadLetters());
    }

    /** The counts, and what is lost; for the end of a run. */
    String line(TestQueue queue) {
        SortedSet<String> lost = lostIds(queue);
        String some = lost.stream().limit(NAMED).collect(Collectors.joining(", "));
        return "%s, %d lost%s"
                .formatted(state(queue), lost.size(), lost.isEmpty() ? "" : " (" + some + ")");
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
