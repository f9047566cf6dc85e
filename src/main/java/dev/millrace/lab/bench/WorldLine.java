package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A line of the world's table: what one worker did in each round.
 *
 * @param figures of {@code worker} and {@code helpers}, one of each round
 * @param laboratory its images per second in the same rounds; empty where a ratio means nothing
 * @param latencies whether messages came at a rate, so that their latency means something
 */
record WorldLine(
        String surroundings, List<JsonNode> figures, List<Double> laboratory, boolean latencies) {
    /** For a person. */
    static final List<Column<WorldLine>> COLUMNS =
            List.of(
                    column("surroundings", -66, WorldLine::surroundings),
                    column("images/s", 15, line -> line.worker("images_per_s").text(0)),
                    column("of the laboratory's", 19, WorldLine::ratioText),
                    column("CPU-ms per image", 18, line -> line.worker("cpu_ms_per_image").text(2)),
                    column("worker's cores", 18, line -> line.worker("cpu_cores").text(2)),
                    column("helpers'", 18, line -> line.helpers("cpu_cores").text(2)),
                    column("resident MB", 15, line -> line.worker("rss_mb").text(0)),
                    column("peak MB", 15, line -> line.worker("rss_peak_mb").text(0)),
                    column("p50 / p99 ms", 25, WorldLine::latencyText),
                    column("limited by", -50, WorldLine::limitedBy));

    private static Column<WorldLine> column(
            String title, int width, Function<WorldLine, String> value) {
        return Column.<WorldLine>of("%s", value).terminal(title, width).page(title);
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("surroundings", surroundings);
        for (String figure :
                List.of("images_per_s", "cpu_ms_per_image", "cpu_cores", "rss_mb", "rss_peak_mb")) {
            json.set(figure, worker(figure).json());
        }
        json.set("helpers_cpu_cores", helpers("cpu_cores").json());
        ratio().ifPresent(ratio -> json.set("of_laboratory", ratio.json()));
        if (latencies) {
            json.set("p50_ms", percentile("p50").json());
            json.set("p99_ms", percentile("p99").json());
        }
        return json.put("limited_by", limitedBy());
    }

    Spread worker(String figure) {
        return spread("worker", figure);
    }

    private Spread helpers(String figure) {
        return spread("helpers", figure);
    }

    private Spread spread(String whose, String figure) {
        return Spread.of(
                figures.stream().map(round -> round.path(whose).path(figure).asDouble()).toList());
    }

    /** Round by round, since what else the machine does is alike within one. */
    Optional<Spread> ratio() {
        if (laboratory.isEmpty()) {
            return Optional.empty();
        }
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < figures.size(); round++) {
            ratios.add(rate(figures.get(round)) / laboratory.get(round));
        }
        return Optional.of(Spread.of(ratios));
    }

    private static double rate(JsonNode round) {
        return round.path("worker").path("images_per_s").asDouble();
    }

    private String ratioText() {
        return ratio().map(ratio -> ratio.text(2)).orElse("–");
    }

    private String latencyText() {
        return latencies ? percentile("p50").text(0) + " / " + percentile("p99").text(0) : "–";
    }

    private Spread percentile(String name) {
        return Spread.of(
                figures.stream()
                        .map(round -> round.path("helpers").path("latency_ms").path(name))
                        .map(JsonNode::asDouble)
                        .toList());
    }

    /** What the worker says in the round with the median rate. */
    private String limitedBy() {
        List<JsonNode> sorted =
                figures.stream().sorted(Comparator.comparingDouble(WorldLine::rate)).toList();
        String said = sorted.get(sorted.size() / 2).path("worker").path("limited_by").asText();
        return said.replaceFirst("^limited by: ", "");
    }
}
