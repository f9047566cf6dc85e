package dev.millrace.lab.tune;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.config.ConfigException;
import dev.millrace.lab.bench.ImageHostOptions;
import dev.millrace.lab.bench.Millis;
import java.time.Duration;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the worker is given to do while it is tuned. */
final class Traffic {
    private static final int BACKLOG = 1000;

    @Mixin private ImageHostOptions host;

    @Option(
            names = "--compile",
            paramLabel = "TIME",
            defaultValue = "120s",
            converter = Millis.class,
            description =
                    "Time before the first run at most; it ends when the JVM gets no faster"
                            + " (default: ${DEFAULT-VALUE}).")
    Duration compile;

    @Option(
            names = "--warm-up",
            paramLabel = "TIME",
            defaultValue = "1s",
            converter = Millis.class,
            description =
                    "Time of warm-up before each of the two figures of a run (default:"
                            + " ${DEFAULT-VALUE}).")
    Duration warmUp;

    @Option(
            names = "--measure",
            paramLabel = "TIME",
            defaultValue = "3s",
            converter = Millis.class,
            description =
                    "Time that each of the two figures of a run is measured for (default:"
                            + " ${DEFAULT-VALUE}).")
    Duration measure;

    ImageHostOptions host() {
        return host;
    }

    /** Messages that wait in the queue while throughput is measured. */
    int backlog() {
        return BACKLOG;
    }

    /** How long a run measures and warms up. */
    Duration plannedRun() {
        return warmUp.plus(measure).multipliedBy(2);
    }

    void check() {
        host.check();
        if (measure.isZero()) {
            throw new ConfigException("--measure: must be more than 0");
        }
    }

    void json(ObjectNode json) {
        host.json(json);
        json.put("compile", Millis.text(compile));
        json.put("warm_up", Millis.text(warmUp));
        json.put("measure", Millis.text(measure));
    }
}
