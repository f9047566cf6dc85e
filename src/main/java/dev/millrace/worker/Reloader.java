package dev.millrace.worker;

import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.duty.Duties;
import dev.millrace.duty.DutyThread;
import dev.millrace.duty.Turn;
import dev.millrace.gpu.DeviceException;
import dev.millrace.resource.StillInUseException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the folders of the models now and then, on the thread {@code reload}, and replaces a
 * model whose files have changed. A folder that is still being written is left alone: it must look
 * the same twice. One that cannot be loaded changes nothing but the log.
 *
 * <p>A load may take minutes and heed no interrupt. Who ends the worker does not wait for it: what
 * comes of it then is thrown away.
 */
final class Reloader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reloader.class);

    /** For a load that heeds the interrupt. */
    private static final Duration LAST_LOAD = Duration.ofSeconds(1);

    private final Models models;
    private final List<LoadedModel> loaded;
    private final Path cache;
    private final Duration every;
    private final Runnable replaced;
    private final Map<String, String> dealtWith = new HashMap<>();
    private final Map<String, String> seen = new HashMap<>();
    private final DutyThread thread;

    /**
     * @param loaded what serves at first
     * @param replaced is called after a model took the place of another
     * @param duties gives it its thread, which may load for as long as it takes
     */
    Reloader(
            Models models,
            List<LoadedModel> loaded,
            Path cache,
            Duration every,
            Runnable replaced,
            Duties duties) {
        this.models = models;
        this.loaded = loaded;
        this.cache = cache;
        this.every = every;
        this.replaced = replaced;
        loaded.forEach(model -> dealtWith.put(model.task(), model.stamp()));
        this.thread = duties.thread("reload", this::turn, 0, DutyThread.UNWATCHED);
    }

    void start() {
        thread.start();
    }

    private Turn turn(long nowNs) throws InterruptedException {
        Thread.sleep(every);
        look();
        return Turn.IDLE;
    }

    /** One look at every folder. */
    void look() throws InterruptedException {
        for (LoadedModel first : loaded) {
            WorkerConfig.Model model = first.settings();
            String stamp = LoadedModel.stamp(model.bundle());
            boolean settled = stamp.equals(seen.put(model.task(), stamp));
            if (settled && !stamp.equals(dealtWith.get(model.task()))) {
                dealtWith.put(model.task(), stamp);
                reload(model);
            }
        }
    }

    private void reload(WorkerConfig.Model model) throws InterruptedException {
        try {
            LoadedModel loaded = LoadedModel.load(model, cache);
            if (!loaded.version().equals(models.version(model.task())) && models.replace(loaded)) {
                replaced.run();
            }
        } catch (RuntimeException | Error e) {
            if (e instanceof DeviceException lost && lost.sticky()) {
                // The old model cannot go on either.
                throw lost;
            }
            // Also when memory runs out, and when a file that is mapped becomes shorter.
            String why = e instanceof ConfigException ? e.getMessage() : e.toString();
            LOG.warn("the changed model was refused, and the old one stays in use: {}", why);
        }
    }

    /** Asks for no more looks, and does not wait for the one that runs. */
    void stop() {
        thread.cancel();
    }

    /** Whether a model may be being loaded. */
    boolean isRunning() {
        return thread.isAlive();
    }

    /** The same as {@link #stop}, and waits for a moment. */
    @Override
    public void close() {
        stop();
        try {
            DutyThread.end(List.of(thread), LAST_LOAD);
        } catch (StillInUseException e) {
            LOG.info("a model is still being loaded; the worker ends without it");
        }
    }
}
