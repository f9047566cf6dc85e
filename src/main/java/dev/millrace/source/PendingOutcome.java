package dev.millrace.source;

import dev.millrace.job.Counter;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import java.time.Duration;

/** An outcome on its way to the queue. Owned by the acknowledger's thread. */
final class PendingOutcome {
    /** A reachable queue that refuses an entry this often will not change its mind. */
    private static final int MAX_REFUSALS = 10;

    final Message message;
    final Outcome outcome;
    private long readyNs;
    private int refusals;

    PendingOutcome(Message message, Outcome outcome) {
        this.message = message;
        this.outcome = outcome;
    }

    /** It may be told from now on. */
    void ready(long nowNs) {
        readyNs = nowNs;
    }

    boolean isReady(long nowNs) {
        return nowNs - readyNs >= 0;
    }

    /** The queue refused it; says whether it may be told once more, after a pause. */
    boolean refused(long nowNs) {
        refusals++;
        Duration pause = QueueSettings.RETRY_DELAY.after(refusals);
        readyNs = nowNs + pause.toNanos();
        return refusals < MAX_REFUSALS;
    }

    boolean isRetry() {
        return outcome instanceof Outcome.Retry;
    }

    /** Seconds until it is visible again, rounded up, so that it does not return too early. */
    int pauseSeconds() {
        return outcome instanceof Outcome.Retry retry
                ? (int)
                        Math.clamp(
                                retry.after().plusNanos(999_999_999).toSeconds(),
                                0,
                                QueueSettings.MAX_VISIBILITY.toSeconds())
                : 0;
    }

    /** What it counts as, once the queue has taken it. */
    Counter counter() {
        return switch (outcome) {
            case Outcome.Delivered _, Outcome.Dropped _ -> Counter.DELETED;
            case Outcome.Retry _ -> Counter.RETRIED;
            case Outcome.Rejected _ -> Counter.REJECTED;
        };
    }
}
