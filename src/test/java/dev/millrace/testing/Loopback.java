package dev.millrace.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * The internet of a test: an image host that serves the shipped photos and the hostile files, and a
 * sink that keeps every result. Results are checked against their schema when they are read.
 */
public final class Loopback implements AutoCloseable {
    /** What is waited for at least, in seconds. */
    public static final int PATIENCE = 20;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PHOTOS = "/dev/millrace/verify/photos/";
    private static final String HOSTILE = "/hostile/";
    private static final String BODIES = "/bodies/";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, List<JsonNode>> results = new ConcurrentHashMap<>();
    private final Map<String, byte[]> bodies = new ConcurrentHashMap<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile CountDownLatch gate = new CountDownLatch(0);

    public Loopback() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 512);
        server.setExecutor(threads);
        server.createContext(PHOTOS, Loopback::serve);
        server.createContext(HOSTILE, Loopback::serve);
        server.createContext(BODIES, this::serveBody);
        server.createContext("/results", this::take);
        server.start();
    }

    private static void serve(HttpExchange exchange) throws IOException {
        try (exchange;
                InputStream in =
                        Loopback.class.getResourceAsStream(exchange.getRequestURI().getPath())) {
            if (in == null) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            byte[] body = in.readAllBytes();
            exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private void serveBody(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = bodies.get(exchange.getRequestURI().getPath().substring(BODIES.length()));
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode result = JSON.readTree(exchange.getRequestBody());
            waiting.incrementAndGet();
            gate.await();
            exchange.sendResponseHeaders(204, -1);
            // In one step, so that an id that is there has a result.
            results.compute(
                    result.path("id").asText(),
                    (_, known) -> {
                        List<JsonNode> all = known == null ? new CopyOnWriteArrayList<>() : known;
                        all.add(result);
                        return all;
                    });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            waiting.decrementAndGet();
        }
    }

    /** From now on the sink reads results and does not answer. */
    public void hang() {
        gate = new CountDownLatch(1);
    }

    /** The sink answers again, those that wait first. */
    public void answer() {
        gate.countDown();
    }

    /** Callbacks that the sink has not answered. */
    public int waiting() {
        return waiting.get();
    }

    public String photo(String name) {
        return base() + PHOTOS + name;
    }

    public String hostile(String name) {
        return base() + HOSTILE + name;
    }

    /** From now on these bytes are behind the URL that is returned. */
    public String body(String name, byte[] body) {
        bodies.put(name, body);
        return base() + BODIES + name;
    }

    public String sink() {
        return base() + "/results";
    }

    private String base() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Ids with at least one result. */
    public int ids() {
        return results.size();
    }

    public boolean has(String id) {
        return results.containsKey(id);
    }

    /** Results beyond the first for the same id. */
    public int duplicates() {
        return results.values().stream().mapToInt(list -> list.size() - 1).sum();
    }

    /** The first result for this id. */
    public JsonNode result(String id) {
        JsonNode result = results.get(id).getFirst();
        Contract.requireResult(result);
        return result;
    }

    /** Waits until there are so many ids; throws when it takes too long. */
    public void await(int ids, int seconds) throws InterruptedException {
        awaitUntil(() -> ids() >= ids, seconds, () -> ids() + " of " + ids + " results came");
    }

    /**
     * Waits for {@code ready}; throws with what {@code state} says when it takes too long.
     *
     * @param seconds at most, or {@value #PATIENCE} where that is more: a machine that does other
     *     things beside is no defect
     */
    public static void awaitUntil(
            BooleanSupplier ready, int seconds, java.util.function.Supplier<String> state)
            throws InterruptedException {
        long deadlineNs = System.nanoTime() + Math.max(seconds, PATIENCE) * 1_000_000_000L;
        while (!ready.getAsBoolean()) {
            if (System.nanoTime() > deadlineNs) {
                throw new AssertionError("after " + seconds + " s: " + state.get());
            }
            Thread.sleep(20);
        }
    }

    @Override
    public void close() {
        answer();
        server.stop(0);
        threads.shutdownNow();
    }
}
