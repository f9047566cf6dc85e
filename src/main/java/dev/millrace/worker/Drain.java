package dev.millrace.worker;

import dev.millrace.job.Counter;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Stage;
import dev.millrace.resource.Deadline;
import dev.millrace.serve.CallServer;
import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of a worker's flow, in order or at once; the parts are its owner's to close. */
final class Drain {
    private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

    /** For a poll that runs, beyond the time that it may wait. */
    private static final Duration POLL = Duration.ofSeconds(5);

    /** For a poll to bring what became visible a moment ago. */
    private static final Duration LAST_POLL = Duration.ofMillis(200);

    /** For answers that are being written. */
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(1);

    private static final Duration FLUSH = Duration.ofSeconds(5);

    private final Duration waitTime;
    private final WorkerParts parts;
    private boolean done;

    /**
     * @param waitTime of a poll
     */
    Drain(Duration waitTime, WorkerParts parts) {
        this.waitTime = waitTime;
        this.parts = parts;
    }

    /** Once; who comes later waits for the first, and goes on where that was interrupted. */
    synchronized void run(Duration timeout) throws InterruptedException {
        if (done) {
            return;
        }
        try (DrainReport report = new DrainReport(LOG, parts)) {
            flow(Deadline.in(timeout));
            done = true;
            LOG.info(
                    "drained in {} s; messages since the start: {} deleted, {} given back",
                    String.format(Locale.ROOT, "%.1f", report.seconds()),
                    parts.counters.get(Counter.DELETED),
                    parts.counters.get(Counter.RETRIED));
        }
    }

    private void flow(Deadline deadline) throws InterruptedException {
        parts.calls.ifPresent(CallServer::drain);
        parts.source.stop();
        parts.reloader.stop();
        parts.source.awaitStopped(waitTime.plus(POLL));
        parts.fetcher.drain(deadline.left());
        parts.models.drain();
        parts.models.awaitEmpty(deadline.left());
        parts.callbacks.drain(deadline.left());
        settleAsDraining();
        parts.acknowledger.flush(FLUSH);
        parts.calls.ifPresent(calls -> calls.await(LAST_ANSWERS));
    }

    /** Says whether the queue has taken everything back by {@code timeout}. */
    boolean giveBack(Duration timeout) throws InterruptedException {
        Deadline deadline = Deadline.in(timeout);
        parts.source.stop();
        parts.keeper.abandon();
        do {
            settleAsDraining();
            if (!parts.acknowledger.flush(deadline.left())) {
                return false;
            }
            // A poll that waits takes what was just given back, and ends with it.
            parts.source.awaitStopped(LAST_POLL);
        } while (!parts.keeper.inFlight().isEmpty());
        parts.calls.ifPresent(calls -> calls.await(LAST_POLL));
        LOG.info(
                "given back at once; messages since the start: {} given back",
                parts.counters.get(Counter.RETRIED));
        return true;
    }

    private void settleAsDraining() {
        parts.calls.ifPresent(CallServer::giveBack);
        for (Message message : parts.keeper.inFlight()) {
            message.settle(Outcome.Retry.draining(Stage.ACKNOWLEDGE));
        }
    }
}
