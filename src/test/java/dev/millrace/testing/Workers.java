package dev.millrace.testing;

import dev.millrace.config.WorkerConfig;
import dev.millrace.config.WorkerProfile;
import dev.millrace.fetch.FetchLimits;
import dev.millrace.source.QueueSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Configurations of workers that may reach this machine's own addresses. */
public final class Workers {
    public static final List<String> LOOPBACK = List.of("127.0.0.0/8");

    private Workers() {}

    /**
     * @param models tasks; each is a folder of {@code engines/} or of the tests' own
     */
    public static WorkerConfig config(QueueSettings queue, int messages, String... models) {
        WorkerConfig defaults =
                WorkerConfig.of(
                        queue,
                        List.of(models).stream()
                                .map(task -> WorkerConfig.Model.of(task, bundle(task)))
                                .toList());
        return new WorkerConfig(
                WorkerProfile.THROUGHPUT,
                queue,
                new WorkerConfig.Fetch(FetchLimits.DEFAULTS, LOOPBACK, 5),
                new WorkerConfig.Callback(
                        Duration.ofSeconds(120), 3, LOOPBACK, List.of(), List.of()),
                defaults.device(),
                defaults.engine(),
                defaults.models(),
                defaults.preprocess(),
                new WorkerConfig.AdmissionBounds(messages, 256L << 20),
                defaults.state(),
                defaults.quarantine(),
                WorkerConfig.DrainTriggers.ON_SIGNALS,
                Optional.of(0),
                Path.of("target/bundle-cache"),
                Duration.ZERO,
                defaults.watchdog(),
                Optional.empty());
    }

    private static Path bundle(String task) {
        Path shipped = Path.of("engines", task);
        return shipped.toFile().isDirectory()
                ? shipped
                : Path.of("src/test/resources/engines", task);
    }
}
