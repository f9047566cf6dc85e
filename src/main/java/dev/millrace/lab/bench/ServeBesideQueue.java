package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.lab.demo.LoadJson;
import dev.millrace.lab.load.Arrivals;
import dev.millrace.lab.load.HttpTarget;
import dev.millrace.lab.load.LoadFigures;
import dev.millrace.lab.load.LoadGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Measures callers that wait while the queue of the same worker is full, against each alone: in
 * every round the queue alone, both, and the callers alone, with one worker for all.
 */
final class ServeBesideQueue {
    private static final int CONNECTIONS = 256;

    private final BenchSettings settings;
    private final double rate;
    private final Helpers helpers;
    private final ChildJvm worker;
    private final HttpTarget target;
    private final List<Round> rounds = new ArrayList<>();

    /** Images of the queue a second, and callers', in one part of a round. */
    private record Part(double queue, Optional<LoadFigures> callers, double load) {
        double both() {
            return queue + callers.map(LoadFigures::perSecond).orElse(0.0);
        }

        double p99() {
            return callers.orElseThrow().percentile(99);
        }

        ObjectNode json(ObjectNode json) {
            json.put("queue_images_per_s", LoadJson.rounded(queue));
            callers.ifPresent(
                    figures -> {
                        json.put("callers_images_per_s", LoadJson.rounded(figures.perSecond()));
                        Latencies.percentiles(
                                figures.latencies(), json.putObject("callers_latency_ms"));
                        figures.failures().forEach(json.putObject("failures")::put);
                    });
            return json.put("machine_load", LoadJson.rounded(load));
        }
    }

    private record Round(Part queueAlone, Part both, Part callersAlone) {
        double latency() {
            return both.p99() / callersAlone.p99();
        }

        double images() {
            return both.both() / queueAlone.queue();
        }
    }

    /**
     * @param worker with a queue and callers
     * @param rate requests of callers a second
     */
    ServeBesideQueue(
            BenchSettings settings,
            double rate,
            List<byte[]> photos,
            Helpers helpers,
            ChildJvm worker,
            URI url) {
        this.settings = settings;
        this.rate = rate;
        this.helpers = helpers;
        this.worker = worker;
        this.target = HttpTarget.posts(url, ServeRuns.HEADERS, photos);
    }

    void measure(int count, TimeLeft left) throws IOException {
        helpers.ask("fill " + settings.backlog);
        left.doing("warm-up");
        callers(settings.warmUp, Duration.ofSeconds(1), false);
        left.next("warm");
        for (int round = 1; round <= count; round++) {
            left.doing(BenchTable.round(round, count, "the queue alone"));
            helpers.ask("fill " + settings.backlog);
            Pauses.sleep(settings.settling().toNanos());
            Part queue =
                    new Part(
                            results(helpers.measured(worker, settings.measure).path("helpers")),
                            Optional.empty(),
                            ServeRuns.machineLoad());
            left.next(BenchTable.round(round, count, "queue"));
            left.doing(BenchTable.round(round, count, "both"));
            Part both = callers(settings.settling(), settings.measure, true);
            left.next(BenchTable.round(round, count, "both"));
            helpers.settle();
            left.doing(BenchTable.round(round, count, "callers alone"));
            Part callers = callers(settings.settling(), settings.measure, false);
            rounds.add(new Round(queue, both, callers));
            left.next(
                    String.format(
                            Locale.ROOT,
                            "%s: p99 %.1f ms beside the queue, %.1f alone; %.1f images/s in all, %.1f of"
                                    + " the queue alone",
                            BenchTable.round(round, count, "callers alone"),
                            both.p99(),
                            callers.p99(),
                            both.both(),
                            queue.queue()));
        }
    }

    private Part callers(Duration warmUp, Duration measure, boolean queueToo) throws IOException {
        Arrivals chance = new Arrivals.Poisson(CONNECTIONS, rate, new Random(settings.host.seed()));
        double[] queue = new double[1];
        try (LoadGenerator generator = new LoadGenerator(target, chance)) {
            LoadFigures figures =
                    generator.run(
                            warmUp,
                            measure,
                            () -> asked("mark"),
                            () -> queue[0] = queueToo ? results(asked("report")) : 0);
            return new Part(queue[0], Optional.of(figures), ServeRuns.machineLoad());
        }
    }

    private JsonNode asked(String command) {
        try {
            return helpers.ask(command);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A second, of the queue. */
    private static double results(JsonNode helpers) {
        return helpers.path("latency_ms").path("count").asDouble()
                / helpers.path("elapsed_s").asDouble();
    }

    private Spread spread(ToDoubleFunction<Round> figure) {
        return Spread.of(rounds.stream().mapToDouble(figure).boxed().toList());
    }

    void print(PrintStream out) {
        out.println();
        out.println(
                "p99 of callers: %s ms beside a full queue, %s alone, %s times as much"
                        .formatted(
                                spread(round -> round.both().p99()).text(1),
                                spread(round -> round.callersAlone().p99()).text(1),
                                spread(Round::latency).text(2)));
        out.println(
                "images/s: %s in all, %s of the queue alone, %s of that"
                        .formatted(
                                spread(round -> round.both().both()).text(1),
                                spread(round -> round.queueAlone().queue()).text(1),
                                spread(Round::images).text(2)));
    }

    ObjectNode json(ObjectNode json) {
        json.put("callers_per_s", rate);
        json.set("p99_ratio", spread(Round::latency).json());
        json.set("images_ratio", spread(Round::images).json());
        ArrayNode all = json.putArray("rounds");
        for (Round round : rounds) {
            ObjectNode one = all.addObject();
            round.queueAlone().json(one.putObject("queue_alone"));
            round.both().json(one.putObject("both"));
            round.callersAlone().json(one.putObject("callers_alone"));
        }
        return json;
    }

    /** Requests of callers that got no verdict. */
    long failures() {
        return rounds.stream()
                .flatMap(round -> Stream.of(round.both(), round.callersAlone()))
                .mapToLong(part -> part.callers().orElseThrow().failed())
                .sum();
    }
}
