package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.config.WorkerProfile;
import dev.millrace.lab.demo.LoadJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Latency against load of one profile.
 *
 * @param capacity images/s that are 100 % load
 * @param points from low load to high
 */
record Curve(WorkerProfile profile, double capacity, List<Point> points) {
    /**
     * @param load percent of the capacity
     * @param figures of the worker and the helpers
     */
    record Point(WorkerProfile profile, double load, double rate, JsonNode figures) {
        /** Milliseconds from the queue to the callback without the download. */
        double withoutDownload(String percentile) {
            return figures.path("helpers")
                    .path("latency_without_download_ms")
                    .path(percentile)
                    .asDouble();
        }

        double withDownload(String percentile) {
            return figures.path("helpers").path("latency_ms").path(percentile).asDouble();
        }

        double cores() {
            return figures.path("worker").path("cpu_cores").asDouble()
                    + figures.path("helpers").path("cpu_cores").asDouble();
        }

        long errors() {
            return figures.path("helpers").path("errors").asLong();
        }
    }

    static Curve read(JsonNode json) {
        WorkerProfile profile =
                WorkerProfile.valueOf(json.path("profile").asText().toUpperCase(Locale.ROOT));
        List<Point> points = new ArrayList<>();
        for (JsonNode point : json.path("points")) {
            points.add(
                    new Point(
                            profile,
                            point.path("load_percent").asDouble(),
                            point.path("rate").asDouble(),
                            point.path("figures")));
        }
        return new Curve(profile, json.path("capacity").asDouble(), points);
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("profile", profile.label());
        json.put("capacity", LoadJson.rounded(capacity));
        ArrayNode list = json.putArray("points");
        for (Point point : points) {
            list.add(
                    Table.json(BenchColumns.CURVE, point)
                            .<ObjectNode>set("figures", point.figures()));
        }
        return json;
    }
}
