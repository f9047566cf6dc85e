package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.lab.demo.LoadJson;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The figures of one worker process.
 *
 * @param cold {@code worker} and {@code helpers} of the first seconds, with a queue that is full,
 *     and {@code ready} until then; missing where it was not asked for
 * @param closed with a queue that is never empty: {@code worker} and {@code helpers}
 * @param open at a fixed rate, which is {@code rate}; missing where it was not asked for
 */
record Run(Configuration configuration, int round, JsonNode cold, JsonNode closed, JsonNode open) {
    static final JsonNode NONE = MissingNode.getInstance();

    /** What {@link #json} wrote. */
    static Run read(Configuration configuration, JsonNode json) {
        return new Run(
                configuration,
                json.path("round").asInt(),
                json.path("cold"),
                json.path("closed"),
                json.path("open"));
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("round", round);
        json.put("allocated_kb_per_image_beyond_body", LoadJson.rounded(allocatedKbPerImage()));
        if (hasCold()) {
            json.set("cold", cold);
        }
        json.set("closed", closed);
        if (hasLatency()) {
            json.set("open", open);
        }
        return json;
    }

    double imagesPerSecond() {
        return worker("images_per_s");
    }

    double workerCores() {
        return worker("cpu_cores");
    }

    double helperCores() {
        return closed.path("helpers").path("cpu_cores").asDouble();
    }

    double cpuMsPerImage() {
        return worker("cpu_ms_per_image");
    }

    double deviceBusy() {
        return worker("device_busy");
    }

    double meanBatch() {
        return worker("mean_batch");
    }

    /** NaN where it was not recorded. */
    double rssMb() {
        return closed.path("worker").path("rss_mb").asDouble(Double.NaN);
    }

    double peakRssMb() {
        return worker("rss_peak_mb");
    }

    /** Beyond the encoded images themselves. */
    double allocatedKbPerImage() {
        double images = Math.max(1, worker("images"));
        double bodyKb = closed.path("helpers").path("bytes_served").asDouble() / 1e3 / images;
        return worker("allocated_kb_per_image") - bodyKb;
    }

    String limitedBy() {
        return closed.path("worker").path("limited_by").asText();
    }

    /** Permits, rings and sizes of batches. */
    String use() {
        return closed.path("worker").path("use").asText();
    }

    /** Share of its threads' time, or of the device's, for stages that are work and not waiting. */
    Map<String, Double> stagesBusy() {
        Map<String, Double> busy = new LinkedHashMap<>();
        closed.path("worker")
                .path("stages")
                .properties()
                .forEach(
                        stage -> {
                            double share = stage.getValue().path("busy").asDouble();
                            if (share > 0) {
                                busy.put(stage.getKey(), share);
                            }
                        });
        return busy;
    }

    Map<String, Double> cpuMsByRole() {
        Map<String, Double> roles = new LinkedHashMap<>();
        closed.path("worker")
                .path("cpu_ms_per_image_by_role")
                .properties()
                .forEach(role -> roles.put(role.getKey(), role.getValue().asDouble()));
        return roles;
    }

    boolean hasCold() {
        return !cold.isMissingNode();
    }

    double coldImagesPerSecond() {
        return cold.path("worker").path("images_per_s").asDouble();
    }

    double coldCpuMsPerImage() {
        return cold.path("worker").path("cpu_ms_per_image").asDouble();
    }

    double coldRssMb() {
        return cold.path("worker").path("rss_mb").asDouble();
    }

    /** From the start of the process until it took messages. */
    double readyMs() {
        return cold.path("ready").path("ms").asDouble();
    }

    double readyCpuMs() {
        return cold.path("ready").path("cpu_ms").asDouble();
    }

    boolean hasLatency() {
        return latency("count") > 0;
    }

    double rate() {
        return open.path("rate").asDouble();
    }

    /**
     * Milliseconds.
     *
     * @param name {@code p50}, {@code p99}, {@code p99_9}
     */
    double latency(String name) {
        return open.path("helpers").path("latency_ms").path(name).asDouble();
    }

    double latencyWithoutDownload(String name) {
        return open.path("helpers").path("latency_without_download_ms").path(name).asDouble();
    }

    /** Results that were no verdict. */
    long errors() {
        return closed.path("helpers").path("errors").asLong()
                + open.path("helpers").path("errors").asLong();
    }

    private double worker(String name) {
        return closed.path("worker").path(name).asDouble();
    }
}
