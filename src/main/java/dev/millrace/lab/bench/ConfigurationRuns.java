package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.config.WorkerProfile;
import dev.millrace.lab.demo.LoadJson;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Runs configurations between helpers that live as long as it does. */
final class ConfigurationRuns implements AutoCloseable {
    private static final double SHARE_OF_THROUGHPUT = 0.7;

    /** Measurements of a worker that has just begun, until it has answered something. */
    private static final int MOST_TRIES = 10;

    private final BenchSettings settings;
    private final List<String> workerFlags;
    private final Helpers helpers;

    ConfigurationRuns(BenchSettings settings, List<String> workerFlags) throws IOException {
        this.settings = settings;
        this.workerFlags = workerFlags;
        this.helpers =
                new Helpers(
                        settings.tasks,
                        settings.host,
                        settings.surroundings,
                        settings.sinkLatency,
                        settings.largeShare);
    }

    private List<String> workerArguments(Configuration configuration, WorkerProfile profile) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "--configuration=" + configuration.name(),
                                "--tasks=" + String.join(",", settings.tasks),
                                "--device=" + settings.device().name(),
                                "--gpu=" + settings.gpu.number()));
        arguments.addAll(helpers.queue());
        arguments.addAll(helpers.objects());
        settings.simulate().ifPresent(cost -> arguments.add("--simulate=" + cost));
        settings.inFlight.ifPresent(messages -> arguments.add("--in-flight=" + messages));
        arguments.add("--profile=" + profile.name());
        settings.receivers.ifPresent(threads -> arguments.add("--receivers=" + threads));
        settings.maxBatch.ifPresent(rows -> arguments.add("--max-batch=" + rows));
        return arguments;
    }

    Helpers helpers() {
        return helpers;
    }

    /** A worker as a user has it who configures nothing but a port for callers. */
    ChildJvm startWithCallers() throws IOException {
        return start(Configuration.MILLRACE, settings.profile, "--callers");
    }

    private ChildJvm start(Configuration configuration, WorkerProfile profile, String... more)
            throws IOException {
        List<String> flags = new ArrayList<>();
        if (configuration == Configuration.MILLRACE && profile == WorkerProfile.LATENCY) {
            // As the launcher does.
            flags.addAll(ChildJvm.FIRST_COMPILER);
        }
        flags.addAll(helpers.workerFlags());
        flags.addAll(workerFlags);
        List<String> arguments = workerArguments(configuration, profile);
        arguments.addAll(List.of(more));
        return new ChildJvm(flags, BenchWorker.class, arguments);
    }

    /** What the queue alone takes at this rate, without a worker. */
    JsonNode queueFloor(double rate) throws IOException {
        // Half of it warms up.
        return helpers.ask("floor " + rate + " " + settings.plannedQueueFloor().toNanos());
    }

    /**
     * Latency against load of one profile, in a process of its own.
     *
     * @param capacity what is 100 % load; empty for what this worker reaches
     */
    Curve curve(WorkerProfile profile, OptionalDouble capacity) throws IOException {
        try (ChildJvm worker = start(Configuration.MILLRACE, profile)) {
            helpers.ask("fill " + settings.backlog);
            Pauses.sleep(settings.warmUp.toNanos());
            double reached = reached(worker);
            helpers.settle();
            double full = capacity.orElse(reached);
            List<Curve.Point> points = new ArrayList<>();
            for (double load : settings.loads) {
                double rate = load / 100 * full;
                helpers.ask("rate " + rate);
                Pauses.sleep(settings.settling().toNanos());
                points.add(
                        new Curve.Point(
                                profile,
                                load,
                                LoadJson.rounded(rate),
                                helpers.measured(worker, settings.measure)));
                helpers.settle();
            }
            return new Curve(profile, full, points);
        }
    }

    /** Images a second of a worker whose queue is full; asks again while it has answered none. */
    private double reached(ChildJvm worker) throws IOException {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            double reached =
                    helpers.measured(worker, settings.measure)
                            .path("worker")
                            .path("images_per_s")
                            .asDouble();
            if (reached > 0) {
                return reached;
            }
        }
        throw new IOException(
                "the worker answered no image in %d s, so there is no load to measure at; give --warm-up more, or see what else this machine does"
                        .formatted(settings.measure.multipliedBy(MOST_TRIES).toSeconds()));
    }

    /** One configuration in a process of its own. */
    Run run(Configuration configuration, int round) throws IOException {
        if (settings.cold.isPresent()) {
            warmHelpers(configuration, settings.cold.get());
        }
        // Before the worker, which begins cold with a queue that is full.
        helpers.ask("fill " + settings.backlog);
        try (ChildJvm worker = start(configuration, settings.profile)) {
            JsonNode cold =
                    settings.cold.isPresent() ? cold(worker, settings.cold.get()) : Run.NONE;
            ObjectNode closed = measure(worker);
            closed.set("device", worker.greeting().path("device"));
            helpers.settle();
            double throughput = closed.path("worker").path("images_per_s").asDouble();
            JsonNode open = atRate(worker, throughput).map(JsonNode.class::cast).orElse(Run.NONE);
            helpers.settle();
            return new Run(configuration, round, cold, closed, open);
        }
    }

    /** By another worker: a fresh process meets a queue and hosts that have been there for long. */
    private void warmHelpers(Configuration configuration, Duration time) throws IOException {
        try (ChildJvm _ = start(configuration, settings.profile)) {
            helpers.ask("fill " + settings.backlog);
            Pauses.sleep(time.toNanos());
            helpers.settle();
        }
    }

    private ObjectNode cold(ChildJvm worker, Duration time) throws IOException {
        ObjectNode figures = helpers.measured(worker, time);
        figures.putObject("ready")
                .put("ms", worker.readyTime().toMillis())
                .put("cpu_ms", worker.readyCpu().toMillis());
        return figures;
    }

    private Optional<ObjectNode> atRate(ChildJvm worker, double throughput) throws IOException {
        double rate = settings.rate.orElse(throughput * SHARE_OF_THROUGHPUT);
        if (rate <= 0 || rate >= throughput) {
            return Optional.empty();
        }
        helpers.ask("rate " + rate);
        ObjectNode open = measure(worker);
        open.put("rate", LoadJson.rounded(rate));
        return Optional.of(open);
    }

    private ObjectNode measure(ChildJvm worker) throws IOException {
        Pauses.sleep(settings.warmUp.toNanos());
        return helpers.measured(worker, settings.measure);
    }

    @Override
    public void close() throws IOException {
        helpers.close();
    }
}
