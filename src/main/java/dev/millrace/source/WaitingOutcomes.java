package dev.millrace.source;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Outcomes of one kind that wait for their call, in the order in which they came. Owned by the
 * acknowledger's thread.
 */
final class WaitingOutcomes {
    /** How long an outcome waits for others to share its call. */
    private static final long LINGER_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final VisibilityKeeper keeper;
    private final Consumer<PendingOutcome> stale;
    private final Deque<PendingOutcome> waiting = new ArrayDeque<>();

    /**
     * @param stale takes those of which nothing may be said any more
     */
    WaitingOutcomes(VisibilityKeeper keeper, Consumer<PendingOutcome> stale) {
        this.keeper = keeper;
        this.stale = stale;
    }

    void add(PendingOutcome one) {
        waiting.add(one);
    }

    void addAll(Collection<PendingOutcome> more) {
        waiting.addAll(more);
    }

    void dropStale(long nowNs) {
        waiting.removeIf(one -> isStale(one, nowNs));
    }

    private boolean isStale(PendingOutcome one, long nowNs) {
        return isStale(one, nowNs, stale);
    }

    /**
     * A receipt that is no longer ours might by now name somebody else's work. For any thread.
     *
     * @param then takes the outcome where that is so
     */
    boolean isStale(PendingOutcome one, long nowNs, Consumer<PendingOutcome> then) {
        boolean over = keeper.isOver(one.message, nowNs);
        if (over) {
            then.accept(one);
        }
        return over;
    }

    /**
     * Takes a batch that is full, or whose oldest entry has waited long enough; else empty.
     *
     * @param atOnce whether none waits for company
     */
    List<PendingOutcome> batch(long nowNs, boolean atOnce) {
        List<PendingOutcome> batch = new ArrayList<>(BatchCalls.SIZE);
        boolean overdue = atOnce;
        Iterator<PendingOutcome> all = waiting.iterator();
        while (batch.size() < BatchCalls.SIZE && all.hasNext()) {
            PendingOutcome one = all.next();
            if (one.isReady(nowNs) && isStale(one, nowNs)) {
                all.remove();
            } else if (one.isReady(nowNs) && keeper.silence(one.message)) {
                all.remove();
                batch.add(one);
                overdue |= one.isReady(nowNs - LINGER_NS);
            }
        }
        if (batch.size() < BatchCalls.SIZE && !overdue) {
            batch.reversed().forEach(waiting::addFirst);
            return List.of();
        }
        return batch;
    }
}
