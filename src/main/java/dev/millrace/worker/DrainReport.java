package dev.millrace.worker;

import java.time.Duration;
import java.util.StringJoiner;
import org.slf4j.Logger;

/**
 * Says every few seconds what a drain still waits for, on the thread {@code drain-report} while it
 * is open, so that who watches a worker stop knows that it does.
 */
final class DrainReport implements AutoCloseable {
    private static final Duration EVERY = Duration.ofSeconds(3);

    private final Logger log;
    private final WorkerParts parts;
    private final long startNs = System.nanoTime();
    private final Thread thread =
            Thread.ofPlatform().name("drain-report").daemon().unstarted(this::run);

    DrainReport(Logger log, WorkerParts parts) {
        this.log = log;
        this.parts = parts;
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(EVERY);
                log.info(
                        "draining for {} s, waiting for {}",
                        Math.round(seconds()),
                        waitingFor(parts));
            }
        } catch (InterruptedException e) {
            // The drain is over.
        }
    }

    /** Since it was opened. */
    double seconds() {
        return (System.nanoTime() - startNs) / 1e9;
    }

    /** What is in each stage now, without those that are empty. */
    private static String waitingFor(WorkerParts parts) {
        int hosts = parts.snapshots.snapshot().waits().hosts();
        int trials = parts.crashes.quarantine().waiting();
        int images =
                parts.models.meters().stream().mapToInt(model -> model.ring().occupied()).sum();
        StringJoiner waits = new StringJoiner(", ");
        add(waits, Math.max(0, parts.fetcher.inFlight() - hosts - trials), "downloading");
        add(waits, hosts, "waiting for their turn at an image host");
        add(waits, trials, "being tried in quarantine");
        add(waits, images, "being decoded or in batches");
        add(waits, parts.callbacks.inFlight(), "in callbacks");
        add(waits, parts.acknowledger.waiting(), "to be deleted or given back");
        return waits.length() == 0 ? "the last poll of the queue" : "messages: " + waits;
    }

    private static void add(StringJoiner waits, int count, String what) {
        if (count > 0) {
            waits.add(count + " " + what);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
