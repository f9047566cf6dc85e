package dev.millrace.worker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.job.TaskGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Serves {@code /metrics}, {@code /v2/health/live} and {@code /v2/health/ready}, and {@code /drain}
 * where that is wanted.
 */
final class StatusServer implements AutoCloseable {
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(1);

    private final HttpServer server;
    private final ExecutorService threads;
    private final TaskGroup waiting = new TaskGroup("drain");

    StatusServer(int port, Supplier<String> metrics, BooleanSupplier live, BooleanSupplier ready) {
        try {
            server = HttpServer.create(new InetSocketAddress(port), 16);
        } catch (IOException e) {
            throw new ConfigException(
                    "http.port: "
                            + port
                            + " cannot be opened ("
                            + e.getMessage()
                            + "); choose a free port or leave it out");
        }
        threads =
                Executors.newSingleThreadExecutor(
                        Thread.ofPlatform().name("status").daemon().factory());
        server.setExecutor(threads);
        server.createContext(
                "/metrics",
                exchange ->
                        answer(
                                exchange,
                                200,
                                "text/plain; version=0.0.4; charset=utf-8",
                                metrics.get()));
        server.createContext("/v2/health/live", exchange -> health(exchange, live.getAsBoolean()));
        server.createContext(
                "/v2/health/ready", exchange -> health(exchange, ready.getAsBoolean()));
        server.start();
    }

    /**
     * From now on a GET of {@code /drain} begins a drain, and is answered when that has ended.
     *
     * @param drain begins it, and completes when it has ended
     */
    void drainBy(Supplier<CompletableFuture<Void>> drain) {
        server.createContext(
                "/drain",
                exchange -> {
                    if (!exchange.getRequestMethod().equals("GET")) {
                        answer(exchange, 405, "text/plain; charset=utf-8", "use GET\n");
                        return;
                    }
                    CompletableFuture<Void> drained = drain.get();
                    // Health is asked for meanwhile, on the one thread of the server.
                    waiting.start(() -> answerAfter(drained, exchange));
                });
    }

    private static void answerAfter(CompletableFuture<Void> drained, HttpExchange exchange) {
        drained.join();
        try {
            answer(exchange, 200, "text/plain; charset=utf-8", "drained\n");
        } catch (IOException e) {
            // Who asked does not wait any more.
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    private static void health(HttpExchange exchange, boolean good) throws IOException {
        answer(exchange, good ? 200 : 503, "text/plain; charset=utf-8", good ? "ok\n" : "no\n");
    }

    private static void answer(HttpExchange exchange, int status, String type, String text)
            throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        try (exchange) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        try {
            waiting.await(LAST_ANSWERS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.stop(0);
        threads.shutdownNow();
    }
}
