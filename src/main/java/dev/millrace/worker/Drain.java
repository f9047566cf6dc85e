package dev.millrace.worker;

import dev.millrace.deliver.CallbackClient;
import dev.millrace.fetch.Fetcher;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Stage;
import dev.millrace.resource.Deadline;
import dev.millrace.source.Acknowledger;
import dev.millrace.source.SqsSource;
import dev.millrace.source.VisibilityKeeper;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of a worker's flow, in order or at once; the parts are its owner's to close. */
public final class Drain {
    private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

    /** For a poll that runs, beyond the time that it may wait. */
    private static final Duration POLL = Duration.ofSeconds(5);

    /** For a poll to bring what became visible a moment ago. */
    private static final Duration LAST_POLL = Duration.ofMillis(200);

    private static final Duration FLUSH = Duration.ofSeconds(5);

    private final Duration waitTime;
    private final Reloader reloader;
    private final SqsSource source;
    private final Fetcher fetcher;
    private final Models models;
    private final CallbackClient callbacks;
    private final VisibilityKeeper keeper;
    private final Acknowledger acknowledger;
    private final Counters counters;
    private boolean done;

    /**
     * @param waitTime of a poll
     */
    Drain(
            Duration waitTime,
            Reloader reloader,
            SqsSource source,
            Fetcher fetcher,
            Models models,
            CallbackClient callbacks,
            VisibilityKeeper keeper,
            Acknowledger acknowledger,
            Counters counters) {
        this.waitTime = waitTime;
        this.reloader = reloader;
        this.source = source;
        this.fetcher = fetcher;
        this.models = models;
        this.callbacks = callbacks;
        this.keeper = keeper;
        this.acknowledger = acknowledger;
        this.counters = counters;
    }

    /** Once; who comes later waits for the first, and goes on where that was interrupted. */
    synchronized void run(Duration timeout) throws InterruptedException {
        if (done) {
            return;
        }
        Deadline deadline = Deadline.in(timeout);
        source.stop();
        reloader.stop();
        source.awaitStopped(waitTime.plus(POLL));
        fetcher.drain(deadline.left());
        models.drain();
        models.awaitEmpty(deadline.left());
        callbacks.drain(deadline.left());
        settleAsDraining();
        acknowledger.flush(FLUSH);
        done = true;
        LOG.info(
                "drained: {} messages deleted, {} given back",
                counters.get(Counter.DELETED),
                counters.get(Counter.RETRIED));
    }

    /** Says whether the queue has taken everything back by {@code timeout}. */
    boolean giveBack(Duration timeout) throws InterruptedException {
        Deadline deadline = Deadline.in(timeout);
        source.stop();
        keeper.abandon();
        do {
            settleAsDraining();
            if (!acknowledger.flush(deadline.left())) {
                return false;
            }
            // A poll that waits takes what was just given back, and ends with it.
            source.awaitStopped(LAST_POLL);
        } while (!keeper.inFlight().isEmpty());
        LOG.info("given back at once: {} messages", counters.get(Counter.RETRIED));
        return true;
    }

    private void settleAsDraining() {
        for (Message message : keeper.inFlight()) {
            message.settle(Outcome.Retry.draining(Stage.ACKNOWLEDGE));
        }
    }
}
