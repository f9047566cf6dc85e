package dev.millrace.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the folders of the models now and then, on the thread {@code reload}, and replaces a
 * model whose files have changed. A folder that is still being written is left alone: it must look
 * the same twice. One that cannot be loaded changes nothing but the log.
 */
final class Reloader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reloader.class);

    private final Models models;
    private final List<WorkerConfig.Model> settings;
    private final Path cache;
    private final Duration every;
    private final Runnable replaced;
    private final Map<String, String> dealtWith = new HashMap<>();
    private final Map<String, String> seen = new HashMap<>();
    private final Thread thread;

    /**
     * @param replaced is called after a model took the place of another
     */
    Reloader(
            Models models,
            List<WorkerConfig.Model> settings,
            Path cache,
            Duration every,
            Runnable replaced) {
        this.models = models;
        this.settings = settings;
        this.cache = cache;
        this.every = every;
        this.replaced = replaced;
        for (WorkerConfig.Model model : settings) {
            dealtWith.put(model.task(), stamp(model.bundle()));
        }
        this.thread = Thread.ofPlatform().name("reload").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(every);
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One look at every folder. */
    void look() throws InterruptedException {
        for (WorkerConfig.Model model : settings) {
            String stamp = stamp(model.bundle());
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
            if (!loaded.version().equals(models.version(model.task()))) {
                models.replace(loaded);
                replaced.run();
            }
        } catch (RuntimeException e) {
            LOG.warn("the changed model is not taken, the old one goes on: {}", e.getMessage());
        }
    }

    /** Names, sizes and times of a folder's files. */
    private static String stamp(Path folder) {
        StringBuilder stamp = new StringBuilder();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                stamp.append(file.getFileName())
                        .append(' ')
                        .append(Files.size(file))
                        .append(' ')
                        .append(Files.getLastModifiedTime(file))
                        .append('\n');
            }
        } catch (IOException e) {
            // A file that vanished while it was looked at: the next look sees the rest.
            stamp.append(e.getClass().getName());
        }
        return stamp.toString();
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
