package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.lab.demo.LoadJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** How long messages took since they were scheduled, whole and step by step. Thread-safe. */
final class Latencies {
    private static final long MAX_NS = TimeUnit.MINUTES.toNanos(10);
    private static final List<String> STEPS =
            List.of("slot", "decode", "wait", "infer", "postprocess");

    /** Of the worker's total, what none of its steps holds. */
    private static final String BETWEEN = "between";

    /** What the worker's total does not hold. */
    private static final String OUTSIDE = "queue and callback";

    private final Histogram total = histogram();
    private final Histogram withoutDownload = histogram();
    private final Map<String, Histogram> steps = new LinkedHashMap<>();

    Latencies() {
        STEPS.forEach(step -> steps.put(step, histogram()));
        steps.put(BETWEEN, histogram());
        steps.put(OUTSIDE, histogram());
    }

    static Histogram histogram() {
        return new ConcurrentHistogram(MAX_NS, 3);
    }

    /**
     * @param timings what the worker says of each step, in ms
     */
    void record(long tookNs, JsonNode timings) {
        long fetchNs = nanos(timings, "fetch");
        total.recordValue(within(tookNs));
        withoutDownload.recordValue(within(tookNs - fetchNs));
        long insideNs = nanos(timings, "total");
        long betweenNs = insideNs - fetchNs;
        for (String step : STEPS) {
            long stepNs = nanos(timings, step);
            steps.get(step).recordValue(within(stepNs));
            betweenNs -= stepNs;
        }
        steps.get(BETWEEN).recordValue(within(betweenNs));
        steps.get(OUTSIDE).recordValue(within(tookNs - insideNs));
    }

    static long within(long nanos) {
        return Math.clamp(nanos, 0, MAX_NS);
    }

    private static long nanos(JsonNode timings, String step) {
        return Math.round(timings.path(step).asDouble() * 1e6);
    }

    /** In milliseconds. */
    void total(ObjectNode json) {
        percentiles(total, json);
    }

    void withoutDownload(ObjectNode json) {
        percentiles(withoutDownload, json);
    }

    void steps(ObjectNode json) {
        steps.forEach((step, histogram) -> percentiles(histogram, json.putObject(step)));
    }

    static void percentiles(Histogram histogram, ObjectNode json) {
        json.put("count", histogram.getTotalCount());
        json.put("p50", millis(histogram.getValueAtPercentile(50)));
        json.put("p90", millis(histogram.getValueAtPercentile(90)));
        json.put("p99", millis(histogram.getValueAtPercentile(99)));
        json.put("p99_9", millis(histogram.getValueAtPercentile(99.9)));
        json.put("max", millis(histogram.getMaxValue()));
    }

    private static double millis(long nanos) {
        return LoadJson.rounded(nanos / 1e6);
    }
}
