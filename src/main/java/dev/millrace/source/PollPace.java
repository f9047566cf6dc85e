package dev.millrace.source;

import dev.millrace.resource.Mutex;
import java.util.concurrent.TimeUnit;

/**
 * Tells a queue in which messages wait from one to which they trickle, by how long answers take and
 * how full they are. A queue that has messages answers at once, in about the shortest time of late,
 * and SQS gives few of them then as well; one for which a poll waited had none. Thread-safe.
 */
final class PollPace {
    /**
     * An answer that came at once took so many times the shortest at most; SQS varies by as much.
     */
    private static final double AT_ONCE = 2.5;

    /** Beyond that, for two clocks and a busy machine. */
    private static final long SLACK_NS = TimeUnit.MILLISECONDS.toNanos(1);

    /** Of what was asked for, on average: below it a call costs more than the wait saves. */
    private static final double WORTH_A_CALL = 0.15;

    /**
     * Above it the mean does not rise, so that a full answer excuses no row of nearly empty ones.
     */
    private static final double GOOD = 0.25;

    /** Weight of the newest answer in the mean. */
    private static final double NEWEST = 0.3;

    /** The shortest time is of this span or the one before it. */
    private static final long SPAN_NS = TimeUnit.SECONDS.toNanos(10);

    private final Mutex lock = new Mutex();
    private long spanStartNs;
    private long shortestNs = Long.MAX_VALUE;
    private long shortestBeforeNs = Long.MAX_VALUE;
    private double filled = GOOD;
    private boolean backlog;

    PollPace(long nowNs) {
        this.spanStartNs = nowNs;
    }

    /**
     * Takes the answer to a poll; says whether more messages wait in the queue than it brought.
     *
     * @param arrived messages, of those that were asked for
     * @param tookNs from the call to its answer
     */
    boolean isBacklog(int arrived, int asked, long tookNs, long nowNs) {
        try (var _ = lock.hold()) {
            backlog = arrived > 0 && isBacklogOf(arrived, asked, tookNs, nowNs);
            return backlog;
        }
    }

    /** What the newest answer was. */
    boolean isBacklog() {
        try (var _ = lock.hold()) {
            return backlog;
        }
    }

    private boolean isBacklogOf(int arrived, int asked, long tookNs, long nowNs) {
        if (nowNs - spanStartNs > SPAN_NS) {
            spanStartNs = nowNs;
            shortestBeforeNs = shortestNs;
            shortestNs = Long.MAX_VALUE;
        }
        shortestNs = Math.min(shortestNs, tookNs);
        filled = Math.min(GOOD, filled + NEWEST * ((double) arrived / asked - filled));
        long leastNs = Math.min(shortestNs, shortestBeforeNs);
        return arrived == asked || filled >= WORTH_A_CALL && tookNs <= AT_ONCE * leastNs + SLACK_NS;
    }
}
