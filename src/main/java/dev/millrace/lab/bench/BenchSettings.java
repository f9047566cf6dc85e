package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cli.GpuOption;
import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.config.WorkerProfile;
import dev.millrace.lab.demo.ThisMachine;
import dev.millrace.worker.Devices;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the experiment is done with. */
final class BenchSettings {
    private static final Duration MOST_SETTLING = Duration.ofSeconds(2);

    @Mixin ImageHostOptions host;
    @Mixin Surroundings surroundings;

    @Option(
            names = "--sink-latency",
            paramLabel = "TIME",
            defaultValue = "0ms",
            converter = Millis.class,
            description = "Delay of each answer of the callback sink (default: ${DEFAULT-VALUE}).")
    Duration sinkLatency;

    @Option(
            names = "--simulate",
            paramLabel = "A,B",
            description =
                    "Simulated device, which takes A ms per batch and B ms per image (default:"
                            + " 2,0.25, or none with --device).")
    private Optional<String> simulate = Optional.empty();

    @Option(
            names = "--device",
            paramLabel = "TYPE",
            description =
                    "Device to compute on for real: auto, host or cuda (default: none; the device"
                            + " is simulated).")
    private Optional<WorkerConfig.DeviceChoice.Type> device = Optional.empty();

    @Mixin GpuOption gpu;

    @Option(
            names = "--tasks",
            paramLabel = "TASK",
            split = ",",
            defaultValue = "safety",
            description =
                    "Tasks for each message, which are folders of engines/ (default:"
                            + " ${DEFAULT-VALUE}).")
    List<String> tasks;

    @Option(
            names = "--warm-up",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = Millis.class,
            description = "Time of warm-up before each figure (default: ${DEFAULT-VALUE}).")
    Duration warmUp;

    @Option(
            names = "--measure",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = Millis.class,
            description = "Time that each figure is measured for (default: ${DEFAULT-VALUE}).")
    Duration measure;

    @Option(
            names = "--cold",
            arity = "0..1",
            fallbackValue = "10s",
            paramLabel = "TIME",
            converter = Millis.class,
            description =
                    "Measure the first seconds of a process too: TIME from when the worker is"
                            + " ready, and how long that took (default: not measured; ${FALLBACK-VALUE} where"
                            + " TIME is left out).")
    Optional<Duration> cold = Optional.empty();

    @Option(
            names = "--backlog",
            paramLabel = "N",
            defaultValue = "1000",
            description =
                    "Messages that wait in the queue while throughput is measured (default:"
                            + " ${DEFAULT-VALUE}).")
    int backlog;

    @Option(
            names = "--rate",
            paramLabel = "RATE",
            description =
                    "Rate of messages while latency is measured, in images per second; 0 measures"
                            + " no latency (default: 70 %% of each configuration's throughput).")
    Optional<Double> rate = Optional.empty();

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            description =
                    "Messages in flight, and downloads from one host, in the configuration millrace"
                            + " (default: a worker's own).")
    Optional<Integer> inFlight = Optional.empty();

    @Option(
            names = "--max-batch",
            paramLabel = "N",
            description =
                    "Images in a batch at most in the configuration millrace (default: a worker's"
                            + " own).")
    Optional<Integer> maxBatch = Optional.empty();

    @Option(
            names = "--receivers",
            paramLabel = "N",
            description =
                    "Threads that poll in the configuration millrace (default: a worker's own).")
    Optional<Integer> receivers = Optional.empty();

    @Option(
            names = "--profile",
            paramLabel = "PROFILE",
            defaultValue = "throughput",
            description =
                    "What the configuration millrace is tuned for: throughput or latency (default:"
                            + " ${DEFAULT-VALUE}).")
    WorkerProfile profile;

    @Option(
            names = "--large-share",
            paramLabel = "SHARE",
            defaultValue = "0",
            description =
                    "Share of the messages that ask for a PNG of 12 megapixels, 0 to 1 (default:"
                            + " ${DEFAULT-VALUE}).")
    double largeShare;

    @Option(
            names = "--loads",
            paramLabel = "PERCENT",
            split = ",",
            defaultValue = "10,30,50,70,85,95",
            description =
                    "Percent of the throughput profile's capacity at which --curves measures; each"
                            + " value is measured (default: ${DEFAULT-VALUE}).")
    List<Double> loads;

    /** Empty where the device computes. */
    Optional<String> simulate() {
        return simulate.isEmpty() && device.isEmpty() ? Optional.of("2,0.25") : simulate;
    }

    WorkerConfig.DeviceChoice.Type device() {
        return device.orElse(WorkerConfig.DeviceChoice.Type.AUTO);
    }

    /** Throws {@link ConfigException} with one line for what cannot work. */
    void check() {
        host.check();
        surroundings.check();
        if (backlog < 1) {
            throw new ConfigException("--backlog: '" + backlog + "' must be at least 1");
        }
        if (largeShare < 0 || largeShare > 1) {
            throw new ConfigException("--large-share: the share must be from 0 to 1");
        }
        if (measure.isZero()) {
            throw new ConfigException("--measure: must be more than 0");
        }
        atLeastOne("--in-flight", inFlight);
        atLeastOne("--max-batch", maxBatch);
        atLeastOne("--receivers", receivers);
        Devices.require(WorkerConfig.DeviceChoice.of(device(), simulate().map(ThisMachine::cost)));
        for (String task : tasks) {
            if (!Files.isDirectory(ThisMachine.engines().resolve(task))) {
                throw new ConfigException("--tasks: '" + task + "' is not a folder of engines/");
            }
        }
    }

    /** How long a run of a configuration measures and warms up. */
    Duration plannedRun() {
        Duration figure = warmUp.plus(measure);
        Duration warm = rate.isPresent() && rate.get() <= 0 ? figure : figure.multipliedBy(2);
        return warm.plus(cold.orElse(Duration.ZERO).multipliedBy(2));
    }

    /** How long the curve of a profile measures and warms up. */
    Duration plannedCurve() {
        return warmUp.plus(measure).plus(settling().plus(measure).multipliedBy(loads.size()));
    }

    Duration plannedQueueFloor() {
        return measure.multipliedBy(2);
    }

    /** Before a point of a curve, so that what a higher rate needs first is there. */
    Duration settling() {
        return warmUp.compareTo(MOST_SETTLING) < 0 ? warmUp : MOST_SETTLING;
    }

    private static void atLeastOne(String option, Optional<Integer> given) {
        if (given.isPresent() && given.get() < 1) {
            throw new ConfigException(option + ": '" + given.get() + "' must be at least 1");
        }
    }

    /** As options, what holds whatever is around the worker. */
    List<String> everywhere() {
        List<String> options = new ArrayList<>(host.photos());
        options.add("--tasks=" + String.join(",", tasks));
        options.add("--warm-up=" + Millis.text(warmUp));
        options.add("--measure=" + Millis.text(measure));
        options.add("--backlog=" + backlog);
        inFlight.ifPresent(messages -> options.add("--in-flight=" + messages));
        maxBatch.ifPresent(rows -> options.add("--max-batch=" + rows));
        receivers.ifPresent(threads -> options.add("--receivers=" + threads));
        return options;
    }

    /** Those of {@code --serve}. */
    ObjectNode serveJson(ServeOptions options, int rounds) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        options.json(json);
        json.put("simulate", simulate().orElse("no"));
        json.put("tasks", String.join(",", tasks));
        json.put("images", host.images());
        json.put("seed", host.seed());
        json.put("progressive", host.progressive());
        json.put("warm_up", Millis.text(warmUp));
        json.put("measure", Millis.text(measure));
        json.put("profile", profile.label());
        json.put("rounds", rounds);
        return json;
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        host.json(json);
        surroundings.json(json);
        json.put("sink_latency", Millis.text(sinkLatency));
        json.put("simulate", simulate().orElse("no"));
        json.put("tasks", String.join(",", tasks));
        json.put("warm_up", Millis.text(warmUp));
        json.put("measure", Millis.text(measure));
        json.put("backlog", backlog);
        json.put("profile", profile.label());
        json.put("large_share", largeShare);
        json.put("rate", rate.map(Object::toString).orElse("70 % of the throughput"));
        return json;
    }
}
