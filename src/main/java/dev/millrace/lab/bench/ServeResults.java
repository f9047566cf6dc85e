package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cli.Count;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * All figures of {@code bench --serve}, and what follows of them.
 *
 * @param mostLatency 99th percentile up to which a figure counts as reached
 */
record ServeResults(
        ObjectNode machine, ObjectNode settings, List<ServePoint> points, Duration mostLatency) {

    /** Rounds of one server under one load. */
    private record Row(String server, String load, List<ServePoint> rounds) {
        Spread spread(ToDoubleFunction<ServePoint> figure) {
            return Spread.of(rounds.stream().mapToDouble(figure).boxed().toList());
        }

        String text(ToDoubleFunction<ServePoint> figure, int decimals) {
            return spread(figure).text(decimals);
        }
    }

    private static final List<Column<Row>> COLUMNS =
            List.of(
                    Column.<Row>of("%s", Row::server).terminal("server", -10),
                    Column.<Row>of("%s", Row::load).terminal("load", -15),
                    column("images/s", 22, ServePoint::perSecond, 1),
                    column("p50 ms", 18, percentile(50), 1),
                    column("p90 ms", 18, percentile(90), 1),
                    column("p99 ms", 20, percentile(99), 1),
                    column("p99.9 ms", 20, percentile(99.9), 1),
                    column("most ms", 20, percentile(100), 1),
                    column("CPU-ms/image", 18, ServePoint::cpuMsPerImage, 2),
                    column("generator's", 18, ServePoint::ownCpuMsPerImage, 2),
                    column("machine's load", 18, ServePoint::load, 1));

    private static Column<Row> column(
            String heading, int width, ToDoubleFunction<ServePoint> figure, int decimals) {
        return Column.<Row>of("%s", row -> row.text(figure, decimals)).terminal(heading, width);
    }

    private static ToDoubleFunction<ServePoint> percentile(double percent) {
        return point -> point.figures().percentile(percent);
    }

    private List<Row> rows() {
        Map<String, List<ServePoint>> byLoad = new LinkedHashMap<>();
        for (ServePoint point : points) {
            // A load in percent is another rate in each round.
            String load = point.closed() ? point.loadLabel() : "by chance";
            byLoad.computeIfAbsent(point.server() + "\n" + load, _ -> new ArrayList<>()).add(point);
        }
        return byLoad.values().stream()
                .map(same -> new Row(same.getFirst().server(), same.getFirst().loadLabel(), same))
                .toList();
    }

    void print(PrintStream out) {
        out.println();
        Table.print(out, COLUMNS, rows());
        out.println();
        for (String server : servers()) {
            List<Double> most = reached(server);
            out.printf(
                    Locale.ROOT,
                    "%s: %s images/s at a 99th percentile of at most %s%n",
                    server,
                    most.isEmpty() ? "no" : Spread.of(most).text(1),
                    Millis.text(mostLatency));
        }
        ratio().ifPresent(
                        ratio ->
                                out.println(
                                        servers().getFirst()
                                                + " has "
                                                + ratio.text(2)
                                                + " times the images/s of "
                                                + servers().getLast()));
        out.println(
                "measured on "
                        + machine.path("cores").asText()
                        + " cores ("
                        + machine.path("cpu").asText()
                        + "), which the generator shares with the server");
        failures().forEach((what, times) -> out.println(Count.of(times, "request") + ": " + what));
    }

    List<String> servers() {
        return points.stream().map(ServePoint::server).distinct().toList();
    }

    /**
     * The most images a second of each round that kept the latency; rounds without are left out.
     */
    private List<Double> reached(String server) {
        return rounds().mapToObj(round -> reached(server, round))
                .flatMap(Optional::stream)
                .toList();
    }

    private IntStream rounds() {
        return points.stream().mapToInt(ServePoint::round).distinct();
    }

    private Optional<Double> reached(String server, int round) {
        return points.stream()
                .filter(point -> point.server().equals(server) && point.round() == round)
                .filter(point -> point.closed() && point.p99() <= mostLatency.toMillis())
                .map(ServePoint::perSecond)
                .max(Double::compare);
    }

    /** Of the first server over the second, round by round. */
    private Optional<Spread> ratio() {
        List<String> servers = servers();
        if (servers.size() < 2) {
            return Optional.empty();
        }
        List<Double> ratios = new ArrayList<>();
        rounds().forEach(
                        round ->
                                reached(servers.getFirst(), round)
                                        .ifPresent(
                                                first ->
                                                        reached(servers.getLast(), round)
                                                                .ifPresent(
                                                                        second ->
                                                                                ratios.add(
                                                                                        first
                                                                                                / second))));
        return ratios.isEmpty() ? Optional.empty() : Optional.of(Spread.of(ratios));
    }

    Map<String, Long> failures() {
        Map<String, Long> all = new LinkedHashMap<>();
        points.forEach(
                point ->
                        point.figures()
                                .failures()
                                .forEach(
                                        (what, times) ->
                                                all.merge(
                                                        point.server() + ", " + what,
                                                        times,
                                                        Long::sum)));
        return all;
    }

    ObjectNode json() {
        ObjectNode json = machine.objectNode();
        json.set("machine", machine);
        json.set("settings", settings);
        ArrayNode all = json.putArray("points");
        points.forEach(point -> all.add(point.json()));
        ObjectNode reached = json.putObject("images_per_s_within_latency");
        for (String server : servers()) {
            List<Double> most = reached(server);
            if (!most.isEmpty()) {
                reached.set(server, Spread.of(most).json());
            }
        }
        ratio().ifPresent(ratio -> json.set("ratio", ratio.json()));
        return json;
    }
}
