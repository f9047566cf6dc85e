package dev.millrace.examples;

import dev.millrace.config.ConfigReader;
import dev.millrace.config.WorkerConfig;
import dev.millrace.job.Counter;
import dev.millrace.observe.Load;
import dev.millrace.observe.Snapshot;
import dev.millrace.worker.Worker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A worker inside somebody's own {@code main}: works on the queue until so many messages are done,
 * says each second how it goes, and drains.
 *
 * <pre>EmbeddedWorker CONFIG MESSAGES</pre>
 */
public final class EmbeddedWorker {
    private EmbeddedWorker() {}

    public static void main(String[] arguments) throws Exception {
        WorkerConfig config = ConfigReader.read(Path.of(arguments[0]), System.getenv());
        long messages = Long.parseLong(arguments[1]);
        try (Worker worker = Worker.start(config)) {
            Snapshot start = worker.snapshot();
            while (worker.counters().get(Counter.DELETED) < messages && healthy(worker)) {
                Load load = worker.loadSince(start);
                System.out.printf(
                        "%d done, %.1f images/s, %s%n",
                        load.images(), load.imagesPerSecond(), load.limitSentence());
            }
            worker.drain(Duration.ofSeconds(15));
        }
    }

    /** Waits a moment; a fault, or a notice that the machine will be stopped, ends it at once. */
    private static boolean healthy(Worker worker) throws Exception {
        try {
            CompletableFuture.anyOf(worker.fault(), worker.drainRequest()).get(1, TimeUnit.SECONDS);
            return false;
        } catch (TimeoutException e) {
            return true;
        }
    }
}
