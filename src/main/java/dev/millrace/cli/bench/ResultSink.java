package dev.millrace.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Takes results and records how long each message took since the moment for which it was scheduled.
 * That moment counts and not the one when it was sent, so that a sender who is held up hides
 * nothing.
 */
final class ResultSink {
    static final String PATH = "/results";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LONGEST_NS = TimeUnit.MINUTES.toNanos(10);

    private final long latencyNs;
    private final Map<String, Long> scheduledNs = new ConcurrentHashMap<>();
    private final LongAdder results = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder strangers = new LongAdder();
    private volatile Histogram total = histogram();
    private volatile Histogram withoutDownload = histogram();

    ResultSink(Duration latency) {
        this.latencyNs = latency.toNanos();
    }

    private static Histogram histogram() {
        return new ConcurrentHistogram(LONGEST_NS, 3);
    }

    /** A message that is about to be sent. */
    void expect(String id, long atNs) {
        scheduledNs.put(id, atNs);
    }

    /** Forgets what is still expected, and what was recorded. */
    void clear() {
        scheduledNs.clear();
        mark();
    }

    /** From now on latencies are recorded anew. */
    void mark() {
        total = histogram();
        withoutDownload = histogram();
    }

    int expected() {
        return scheduledNs.size();
    }

    void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode result = JSON.readTree(exchange.getRequestBody());
            Pauses.sleep(latencyNs);
            exchange.sendResponseHeaders(204, -1);
            record(result, System.nanoTime());
        }
    }

    private void record(JsonNode result, long nowNs) {
        Long sinceNs = scheduledNs.remove(result.path("id").asText());
        if (sinceNs == null) {
            strangers.increment();
            return;
        }
        results.increment();
        if (!result.path("status").asText().equals("ok")) {
            errors.increment();
        }
        long tookNs = Math.clamp(nowNs - sinceNs, 0, LONGEST_NS);
        long fetchNs = Math.round(result.path("timings_ms").path("fetch").asDouble() * 1e6);
        total.recordValue(tookNs);
        withoutDownload.recordValue(Math.max(0, tookNs - fetchNs));
    }

    /** What was recorded since the mark, in milliseconds. */
    void report(ObjectNode json) {
        json.put("results", results.sum());
        json.put("errors", errors.sum());
        json.put("unexpected", strangers.sum());
        percentiles(total, json.putObject("latency_ms"));
        percentiles(withoutDownload, json.putObject("latency_without_download_ms"));
    }

    private static void percentiles(Histogram histogram, ObjectNode json) {
        json.put("count", histogram.getTotalCount());
        json.put("p50", millis(histogram.getValueAtPercentile(50)));
        json.put("p90", millis(histogram.getValueAtPercentile(90)));
        json.put("p99", millis(histogram.getValueAtPercentile(99)));
        json.put("p99_9", millis(histogram.getValueAtPercentile(99.9)));
        json.put("max", millis(histogram.getMaxValue()));
    }

    private static double millis(long nanos) {
        return Round.to3(nanos / 1e6);
    }
}
