package dev.millrace.testing;

import dev.millrace.config.Callback;
import dev.millrace.config.WorkerConfig;
import dev.millrace.fetch.FetchLimits;
import dev.millrace.source.QueueSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Configurations of workers that may reach this machine's own addresses. */
public final class Workers {
    public static final List<String> LOOPBACK = List.of("127.0.0.0/8");

    private static final Duration CALLBACK = Duration.ofSeconds(120);
    private static final long BYTES = 256L << 20;

    private Workers() {}

    /**
     * @param models tasks; each is a folder of {@code engines/} or of the tests' own
     */
    public static WorkerConfig config(QueueSettings queue, int messages, String... models) {
        List<WorkerConfig.Model> loaded =
                List.of(models).stream()
                        .map(task -> WorkerConfig.Model.of(task, bundle(task)))
                        .toList();
        return WorkerConfig.of(queue, loaded)
                .with(
                        draft -> {
                            draft.fetch =
                                    new WorkerConfig.Fetch(
                                            FetchLimits.DEFAULTS, List.of(), LOOPBACK, 5);
                            draft.callback =
                                    new Callback(
                                            CALLBACK, 3, LOOPBACK, List.of(), List.of(), List.of());
                            draft.admission = new WorkerConfig.AdmissionBounds(messages, BYTES);
                            draft.drain = WorkerConfig.DrainTriggers.ON_SIGNALS;
                            draft.httpPort = Optional.of(0);
                            draft.cache = Path.of("target/bundle-cache");
                            draft.reload = Duration.ZERO;
                        });
    }

    /** The folder of a shipped bundle, or of one of the tests' own. */
    static Path bundle(String task) {
        Path shipped = Path.of("engines", task);
        return shipped.toFile().isDirectory()
                ? shipped
                : Path.of("src/test/resources/engines", task);
    }
}
