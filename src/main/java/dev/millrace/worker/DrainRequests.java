package dev.millrace.worker;

import dev.millrace.config.WorkerConfig;
import dev.millrace.duty.Duties;
import dev.millrace.resource.Resources;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What wants a worker to drain beside signals: a notice of EC2, or a request at its port. The first
 * counts. Owns the watcher.
 */
final class DrainRequests implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DrainRequests.class);

    private final Resources resources = new Resources();
    private final CompletableFuture<String> first = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    /**
     * Begins to ask for notices, where the configuration says so.
     *
     * @param duties gives a thread for it
     */
    void watch(WorkerConfig.DrainTriggers drain, Duties duties) {
        drain.metadata()
                .map(endpoint -> new SpotWatcher(endpoint, this::notice, duties))
                .map(resources::own)
                .ifPresent(SpotWatcher::start);
    }

    private void notice(String action) {
        request("a spot notice: " + action);
    }

    /** Wants a drain; completes when one has ended. */
    CompletableFuture<Void> request(String why) {
        if (first.complete(why)) {
            LOG.info("draining after {}", why);
        }
        return ended;
    }

    /** The reason of the first. */
    CompletableFuture<String> first() {
        return first;
    }

    /** The worker is drained. */
    void ended() {
        ended.complete(null);
    }

    @Override
    public void close() {
        resources.close();
    }
}
