package dev.millrace.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** The metadata service of an EC2 machine (IMDSv2), which answers nobody without a token. */
public final class FakeMetadata implements AutoCloseable {
    private final HttpServer server;
    private final AtomicInteger tokens = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger refusals = new AtomicInteger();
    private volatile String action = "";

    public FakeMetadata() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.createContext("/latest/api/token", this::token);
        server.createContext("/latest/meta-data/spot/instance-action", this::action);
        server.start();
    }

    private void token(HttpExchange exchange) throws IOException {
        boolean good =
                refusals.getAndUpdate(left -> Math.max(0, left - 1)) == 0
                        && exchange.getRequestMethod().equals("PUT")
                        && exchange.getRequestHeaders()
                                        .getFirst("X-aws-ec2-metadata-token-ttl-seconds")
                                != null;
        answer(exchange, good ? 200 : 400, good ? "token-" + tokens.incrementAndGet() : "");
    }

    private void action(HttpExchange exchange) throws IOException {
        asked.incrementAndGet();
        String token = exchange.getRequestHeaders().getFirst("X-aws-ec2-metadata-token");
        if (!("token-" + tokens.get()).equals(token)) {
            answer(exchange, 401, "");
        } else {
            answer(exchange, action.isEmpty() ? 404 : 200, action);
        }
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        try (exchange) {
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            if (bytes.length > 0) {
                exchange.getResponseBody().write(bytes);
            }
        }
    }

    /** So many tokens are refused, as by a service that is busy. */
    public void refuseTokens(int count) {
        refusals.set(count);
    }

    /** Tokens from before are no longer good. */
    public void expireTokens() {
        tokens.incrementAndGet();
    }

    /** The machine will be taken away. */
    public void announce() {
        action = "{\"action\": \"terminate\", \"time\": \"2026-01-17T08:22:00Z\"}";
    }

    /** Times that the action was asked for. */
    public int asked() {
        return asked.get();
    }

    /** Tokens that were given out, or expired. */
    public int tokens() {
        return tokens.get();
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Configuration that asks here. */
    public static String yaml(Optional<FakeMetadata> service) {
        return service.map(s -> "drain:\n  metadata: " + s.endpoint() + "\n")
                .orElse("drain:\n  spot: false\n");
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
