package dev.millrace.lab.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.StreamSupport;

/** What the figures of a command have to be. */
interface Judgement {
    /** Of computing alone, what batches in flight must reach where copies can be hidden. */
    double ENOUGH = 0.95;

    /** Where copies are so much of a batch in series, the second lane must show. */
    double COPIES = 0.25;

    double GAIN = 1.3;

    /** Shorter batches are dominated by launching, and nothing is asked of them. */
    double LONG_MS = 1;

    /** Copies of more than this share of the computing may be the limit themselves. */
    double HIDEABLE = 0.8;

    Verdict of(JsonNode figures);

    /** Of {@code engine streams}: two lanes, and which arrangement is better. */
    static Verdict streams(JsonNode figures) {
        double lanes = 1;
        double three = 1;
        String worst = "";
        int judged = 0;
        for (JsonNode row : figures.path("rows")) {
            double compute = row.path("compute_ms").asDouble();
            if (row.path("spin_ms").asDouble() < LONG_MS
                    || row.path("copy_in_ms").asDouble() > HIDEABLE * compute) {
                continue;
            }
            judged++;
            double share = compute / two(row.path("lanes"));
            if (share < lanes) {
                lanes = share;
                worst = " (batch %s)".formatted(row.path("batch").asInt());
            }
            three = Math.min(three, compute / two(row.path("three_streams")));
        }
        if (judged == 0) {
            return Verdict.failed(
                    "no batch computes for at least %.0f ms and for longer than its copies take"
                            .formatted(LONG_MS));
        }
        return Verdict.of(
                lanes >= ENOUGH,
                text(
                        "of computing alone, two lanes have %.1f %% at least%s, three streams %.1f %%",
                        100 * lanes, worst, 100 * three));
    }

    private static double two(JsonNode timings) {
        return StreamSupport.stream(timings.spliterator(), false)
                .filter(timing -> timing.path("in_flight").asInt() == 2)
                .mapToDouble(timing -> timing.path("batch_ms").asDouble())
                .findFirst()
                .orElse(Double.POSITIVE_INFINITY);
    }

    /** Of {@code engine overlap}. */
    static Verdict overlap(JsonNode rows) {
        List<String> wrong = new ArrayList<>();
        double least = Double.POSITIVE_INFINITY;
        int count = 0;
        for (JsonNode row : rows) {
            count++;
            double compute = row.path("compute_ms").asDouble();
            double series = row.path("series_ms").asDouble();
            double hidden = compute / row.path("double_ms").asDouble(Double.NaN);
            double gain = series / row.path("double_ms").asDouble(Double.NaN);
            least = Math.min(least, hidden);
            String complaint =
                    complaint(compute, hidden, gain, row.path("copy_ms").asDouble() / series);
            if (!complaint.isEmpty()) {
                wrong.add("batch " + row.path("batch").asInt() + ": " + complaint);
            }
        }
        if (count == 0) {
            return Verdict.failed("no rows");
        }
        return wrong.isEmpty()
                ? Verdict.ok(
                        text("two lanes have %.1f %% of computing alone at least", 100 * least))
                : Verdict.failed(String.join("; ", wrong));
    }

    private static String complaint(double compute, double hidden, double gain, double copies) {
        if (!(hidden > 0)) {
            return "incomplete";
        }
        if (compute >= LONG_MS && hidden < ENOUGH) {
            return text("two lanes have %.1f %% of computing alone", 100 * hidden);
        }
        return copies >= COPIES && gain < GAIN ? text("two lanes are %.2f times one", gain) : "";
    }

    /** Of {@code demo}: nothing lost; rate, CPU and what limits them. */
    static Verdict demo(JsonNode figures) {
        return Verdict.of(
                figures.path("lost").asInt(-1) == 0 && figures.path("images_per_s").asDouble() > 0,
                text(
                        "%.1f images/s, %.2f CPU-ms an image, mean batch %.1f, lost %d, limited by %s",
                        figures.path("images_per_s").asDouble(),
                        figures.path("cpu_ms_per_image").asDouble(),
                        figures.path("mean_batch").asDouble(),
                        figures.path("lost").asInt(-1),
                        figures.path("limited_by").asText("?")));
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
