package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Takes results and records how long each message took since the moment for which it was scheduled.
 * That moment counts and not the one when it was sent, so that a sender who is held up hides
 * nothing. Messages for large images are recorded apart.
 */
final class ResultSink {
    static final String PATH = "/results";

    /** How the id of a message for a large image begins. */
    static final String LARGE = "large-";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final long latencyNs;
    private final Map<String, Long> scheduledNs = new ConcurrentHashMap<>();
    private final LongAdder results = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder strangers = new LongAdder();
    private volatile Latencies usual = new Latencies();
    private volatile Latencies large = new Latencies();

    ResultSink(Duration latency) {
        this.latencyNs = latency.toNanos();
    }

    /** A message that is about to be sent. */
    void expect(String id, long atNs) {
        scheduledNs.put(id, atNs);
    }

    /** When a message was to be sent that is answered otherwise; empty where nobody sent it. */
    OptionalLong scheduledNs(String id) {
        Long atNs = scheduledNs.remove(id);
        return atNs == null ? OptionalLong.empty() : OptionalLong.of(atNs);
    }

    /** Forgets what is still expected, and what was recorded. */
    void clear() {
        scheduledNs.clear();
        mark();
    }

    /** From now on latencies are recorded anew. */
    void mark() {
        usual = new Latencies();
        large = new Latencies();
    }

    int expected() {
        return scheduledNs.size();
    }

    void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            long receivedNs = System.nanoTime();
            Pauses.sleep(latencyNs);
            exchange.sendResponseHeaders(204, -1);
            record(JSON.readTree(body), receivedNs);
        }
    }

    private void record(JsonNode result, long nowNs) {
        String id = result.path("id").asText();
        Long sinceNs = scheduledNs.remove(id);
        if (sinceNs == null) {
            strangers.increment();
            return;
        }
        results.increment();
        if (!result.path("status").asText().equals("ok")) {
            errors.increment();
        }
        Latencies latencies = id.startsWith(LARGE) ? large : usual;
        latencies.record(nowNs - sinceNs, result.path("timings_ms"));
    }

    /** What was recorded since the mark, in milliseconds. */
    void report(ObjectNode json) {
        json.put("results", results.sum());
        json.put("errors", errors.sum());
        json.put("unexpected", strangers.sum());
        usual.total(json.putObject("latency_ms"));
        usual.withoutDownload(json.putObject("latency_without_download_ms"));
        usual.steps(json.putObject("steps_ms"));
        large.withoutDownload(json.putObject("large_without_download_ms"));
    }
}
