package dev.millrace.lab.tune;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.config.WorkerConfig;
import dev.millrace.lab.bench.ChildJvm;
import dev.millrace.lab.bench.Helpers;
import dev.millrace.lab.bench.Pauses;
import dev.millrace.resource.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The worker and what is around it, in two processes, for as long as the tuning takes. The helpers
 * are the bench's.
 */
final class MeasuredRuns implements Search.Meter, AutoCloseable {
    /** Times {@code --measure}, for a first message. */
    private static final long PATIENCE = 5;

    /** A single hiccup of the machine is in one stretch only, and the median is another. */
    private static final int STRETCHES = 3;

    /** Stretches of the first warm-up, and how many of them are no faster before it ends. */
    private static final long COMPILE_NS = Duration.ofSeconds(10).toNanos();

    private static final int STALE = 2;
    private static final double FASTER = 1.03;

    private final Traffic traffic;
    private final Goal goal;
    private final Helpers helpers;
    private final ChildJvm worker;
    private boolean warm;

    MeasuredRuns(TunedModels models, WorkerConfig base, Traffic traffic, Goal goal)
            throws IOException {
        this.traffic = traffic;
        this.goal = goal;
        List<String> tasks = base.models().stream().map(WorkerConfig.Model::task).toList();
        helpers = new Helpers(tasks, traffic.host(), Duration.ZERO, 0);
        List<String> arguments = new ArrayList<>(models.arguments());
        arguments.addAll(helpers.queue());
        try {
            worker = new ChildJvm(List.of(), TuneWorker.class, arguments);
        } catch (IOException e) {
            helpers.close();
            throw e;
        }
    }

    /** The device without a worker; the setting's lanes and batch are the most that is measured. */
    Prior.Curve curve(Setting largest) throws IOException {
        CostLine alone = new CostLine(0, 0);
        CostLine overlapped = new CostLine(0, 0);
        for (JsonNode points : worker.ask("curve " + largest.key())) {
            alone = alone.plus(line(points, "alone_ms"));
            overlapped = overlapped.plus(line(points, "overlapped_ms"));
        }
        return new Prior.Curve(alone, overlapped);
    }

    private static CostLine line(JsonNode points, String which) {
        List<CostLine.Point> line = new ArrayList<>();
        for (JsonNode point : points) {
            line.add(
                    new CostLine.Point(
                            point.path("batch").asInt(),
                            Math.max(1e-3, point.path(which).asDouble())));
        }
        return CostLine.fit(line);
    }

    /** Runs the worker: first with a queue that is never empty, then at a share of that rate. */
    @Override
    public Measurement measure(Setting setting) throws IOException {
        worker.ask("start " + setting.key());
        helpers.ask("fill " + traffic.backlog());
        if (!warm) {
            compile();
            warm = true;
        }
        Pauses.sleep(traffic.warmUp.toNanos());
        JsonNode full = helpers.measured(worker, traffic.measure);
        helpers.settle();
        double rate = full.path("worker").path("images_per_s").asDouble();
        if (rate <= 0) {
            throw new IOException(
                    "no image reached its callback with "
                            + setting.words()
                            + "; give a longer --measure");
        }
        helpers.ask("rate " + rate * goal.load());
        double latencyMs = latencyMs(setting);
        helpers.settle();
        worker.ask("stop");
        return measurement(setting, full.path("worker"), full.path("helpers"), latencyMs);
    }

    /** Works until that gets no faster, since what is compiled meanwhile is not compiled later. */
    private void compile() throws IOException {
        Deadline deadline = Deadline.in(traffic.compile);
        double best = 0;
        int stale = 0;
        while (stale < STALE && !deadline.passed()) {
            worker.ask("mark");
            Pauses.sleep(Math.min(COMPILE_NS, traffic.compile.toNanos()));
            double rate = worker.ask("report").path("images_per_s").asDouble();
            stale = rate > FASTER * best ? 0 : stale + 1;
            best = Math.max(best, rate);
        }
    }

    private double latencyMs(Setting setting) throws IOException {
        Pauses.sleep(traffic.warmUp.toNanos());
        long stretchNs = traffic.measure.toNanos() / STRETCHES;
        // So long that a setting with which nothing comes through misses the bound.
        long patienceNs =
                Math.max(PATIENCE * traffic.measure.toNanos(), 2 * goal.bound().toNanos());
        List<JsonNode> stretches = new ArrayList<>();
        while (stretches.size() < STRETCHES
                || isEmpty(stretches) && stretches.size() * stretchNs < patienceNs) {
            helpers.ask("mark");
            Pauses.sleep(stretchNs);
            JsonNode report = helpers.ask("report");
            if (report.path("errors").asLong() > 0) {
                throw new IOException("a message got no verdict with " + setting.words());
            }
            stretches.add(report.path("latency_without_download_ms"));
        }
        return median(stretches, goal.percentile(), stretches.size() * stretchNs / 1e6);
    }

    private static boolean isEmpty(List<JsonNode> stretches) {
        return stretches.stream().noneMatch(MeasuredRuns::hasMessages);
    }

    private static boolean hasMessages(JsonNode stretch) {
        return stretch.path("count").asLong() > 0;
    }

    /**
     * Over the stretches in which a message came through; those without say nothing.
     *
     * @param waitedMs which the latency exceeds where none came through
     */
    static double median(List<JsonNode> stretches, String percentile, double waitedMs) {
        double[] found =
                stretches.stream()
                        .filter(MeasuredRuns::hasMessages)
                        .mapToDouble(
                                stretch ->
                                        stretch.path("p" + percentile.replace('.', '_')).asDouble())
                        .sorted()
                        .toArray();
        return found.length == 0 ? waitedMs : found[found.length / 2];
    }

    private static Measurement measurement(
            Setting setting, JsonNode worker, JsonNode helpers, double latencyMs) {
        double rate = worker.path("images_per_s").asDouble();
        JsonNode decode = worker.path("cpu_ms_per_image_by_role").path("decode, resize");
        double cpuMs = worker.path("cpu_ms_per_image").asDouble();
        return new Measurement(
                setting,
                rate,
                latencyMs,
                // Without /proc nothing is known by thread, and decoding is most of it.
                decode.isMissingNode() ? 0.7 * cpuMs : Math.max(1e-2, decode.asDouble()),
                cpuMs,
                1e3 * helpers.path("cpu_cores").asDouble() / rate,
                worker.path("device_busy").asDouble(),
                worker.path("mean_batch").asDouble(),
                worker.path("limited_by").asText());
    }

    @Override
    public void close() throws IOException {
        try {
            worker.close();
        } finally {
            helpers.close();
        }
    }
}
