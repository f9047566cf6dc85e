package dev.millrace.worker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Serves {@code /metrics}, {@code /v2/health/live} and {@code /v2/health/ready}. */
final class StatusServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads;

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
        server.stop(0);
        threads.shutdownNow();
    }
}
