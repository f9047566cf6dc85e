package dev.millrace.lab.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.Headers;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Stands between a worker and the queue of this machine, and makes it a queue that is far away:
 * each answer is late, and a receive call may find fewer messages than it asks for, as with SQS.
 * Speaks SQS's JSON protocol; everything else goes through as it is. Thread-safe; each call is
 * served on the caller's thread.
 */
final class QueueProxy implements AutoCloseable {
    static final String PATH = "/";

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String RECEIVE = "AmazonSQS.ReceiveMessage";
    private static final String MOST = "MaxNumberOfMessages";
    private static final int CONNECTIONS = 256;

    /** A receive call waits for up to 20 s. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Of one connection, not of what is said on it; both servers write their own. */
    private static final Set<String> HOP =
            Set.of("connection", "content-length", "date", "expect", "host", "transfer-encoding");

    private final OkHttpClient client =
            new OkHttpClient.Builder()
                    .connectionPool(new ConnectionPool(CONNECTIONS, 5, TimeUnit.MINUTES))
                    .readTimeout(PATIENCE)
                    .build();
    private final URI queue;
    private final long latencyNs;
    private final boolean shortAnswers;
    private final Random random;

    /**
     * @param queue the server
     * @param latency of each answer beyond the server's own
     * @param shortAnswers whether a receive call asks the server for fewer messages than it was
     *     told, any number from 1 on
     */
    QueueProxy(URI queue, Duration latency, boolean shortAnswers, long seed) {
        this.queue = queue;
        this.latencyNs = latency.toNanos();
        this.shortAnswers = shortAnswers;
        this.random = new Random(seed);
    }

    void serve(HttpExchange exchange) throws IOException {
        try (exchange;
                Response response = client.newCall(request(exchange)).execute()) {
            byte[] body = response.body().bytes();
            Headers headers = response.headers();
            for (int i = 0; i < headers.size(); i++) {
                if (goesOn(headers.name(i))) {
                    exchange.getResponseHeaders().add(headers.name(i), headers.value(i));
                }
            }
            Pauses.sleep(latencyNs);
            if (body.length == 0) {
                exchange.sendResponseHeaders(response.code(), -1);
                return;
            }
            exchange.sendResponseHeaders(response.code(), body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private Request request(HttpExchange exchange) throws IOException {
        Request.Builder request =
                new Request.Builder().url(queue.resolve(exchange.getRequestURI()).toString());
        exchange.getRequestHeaders()
                .forEach(
                        (name, values) -> {
                            if (goesOn(name)) {
                                values.forEach(value -> request.addHeader(name, value));
                            }
                        });
        byte[] body = exchange.getRequestBody().readAllBytes();
        boolean receives = RECEIVE.equals(exchange.getRequestHeaders().getFirst("X-Amz-Target"));
        return request.method(
                        exchange.getRequestMethod(),
                        exchange.getRequestMethod().equals("POST")
                                ? RequestBody.create(receives ? shortened(body) : body)
                                : null)
                .build();
    }

    private static boolean goesOn(String header) {
        return !HOP.contains(header.toLowerCase(Locale.ROOT));
    }

    /** What is no proper call goes on as it is; the server says what is wrong. */
    private byte[] shortened(byte[] body) throws IOException {
        if (!shortAnswers) {
            return body;
        }
        try {
            JsonNode call = JSON.readTree(body);
            int most = call.path(MOST).asInt(1);
            if (most < 2 || most > QueueWriter.BATCH || !(call instanceof ObjectNode changed)) {
                return body;
            }
            changed.put(MOST, random.nextInt(1, most + 1));
            return JSON.writeValueAsBytes(changed);
        } catch (JsonProcessingException e) {
            return body;
        }
    }

    @Override
    public void close() {
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }
}
