package dev.millrace.lab.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The demo's results as a table: a line per photo, with what each task says of it. */
final class VerdictTable {
    /** In which something is done for the photo; the rest of the total is waiting. */
    private static final List<String> WORK = List.of("fetch", "decode", "infer", "postprocess");

    private VerdictTable() {}

    /**
     * @param results by the URL of the photo
     */
    static void print(
            PrintStream out,
            List<String> tasks,
            Set<String> photos,
            Map<String, JsonNode> results) {
        line(out, Stream.concat(Stream.of("photo"), tasks.stream()).toList(), "waiting", "at work");
        for (String photo : photos) {
            results.entrySet().stream()
                    .filter(entry -> entry.getKey().endsWith("/" + photo))
                    .max(Comparator.comparing(Map.Entry::getKey))
                    .ifPresent(entry -> verdict(out, tasks, photo, entry.getValue()));
        }
        out.println();
        out.println(
                "waiting: for the photos before it, since all messages are sent at once;"
                        + " at work: download, decoding, inference and postprocessing");
    }

    private static void verdict(
            PrintStream out, List<String> tasks, String photo, JsonNode result) {
        JsonNode times = result.path("timings_ms");
        double work = WORK.stream().mapToDouble(step -> times.path(step).asDouble()).sum();
        // Tasks are beside each other, and of each step the slowest is told.
        double waiting = Math.max(0, times.path("total").asDouble() - work);
        line(
                out,
                Stream.concat(
                                Stream.of(photo),
                                tasks.stream()
                                        .map(task -> result.path("results").path(task))
                                        .map(Verdicts::of))
                        .toList(),
                millis(waiting),
                millis(work));
    }

    private static String millis(double time) {
        return String.format(Locale.ROOT, "%.0f ms", time);
    }

    private static void line(PrintStream out, List<String> cells, String waiting, String work) {
        out.printf("%-36s", cells.getFirst());
        cells.stream().skip(1).forEach(cell -> out.printf(" %-30s", cell));
        out.printf(" %9s %9s%n", waiting, work);
    }
}
