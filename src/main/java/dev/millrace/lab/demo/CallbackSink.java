package dev.millrace.lab.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Takes results and counts for each id how often one came. */
final class CallbackSink {
    static final String PATH = "/results";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Integer> timesById = new ConcurrentHashMap<>();
    private final Map<String, JsonNode> lastByUrl = new ConcurrentHashMap<>();
    private final Set<String> versions = ConcurrentHashMap.newKeySet();
    private final AtomicLong lastNs = new AtomicLong(System.nanoTime());
    private final Consumer<JsonNode> listener;

    /** Tells nobody. */
    CallbackSink() {
        this(_ -> {});
    }

    /**
     * @param listener is told each result, on the server's threads
     */
    CallbackSink(Consumer<JsonNode> listener) {
        this.listener = listener;
    }

    void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode result = JSON.readTree(exchange.getRequestBody());
            exchange.sendResponseHeaders(204, -1);
            lastByUrl.put(result.path("url").asText(), result);
            for (JsonNode task : result.path("results")) {
                versions.add(task.path("version").asText());
            }
            timesById.merge(result.path("id").asText(), 1, Integer::sum);
            lastNs.set(System.nanoTime());
            listener.accept(result);
        }
    }

    /** Distinct ids. */
    int calledBack() {
        return timesById.size();
    }

    long duplicates() {
        return timesById.values().stream().mapToLong(times -> times - 1).sum();
    }

    boolean has(String id) {
        return timesById.containsKey(id);
    }

    /** When the last result came. */
    long lastNs() {
        return lastNs.get();
    }

    /** Of the models that made the results. */
    Set<String> versions() {
        return versions;
    }

    /** The last result for each URL. */
    Map<String, JsonNode> byUrl() {
        return lastByUrl;
    }
}
