package dev.millrace.source;

import dev.millrace.job.Message;
import java.util.concurrent.atomic.AtomicReference;

/** What the keeper knows of one message: until when it is ours, and whether it may be extended. */
final class Lease {
    private enum State {
        OPEN,
        BEATING,
        SILENT
    }

    private final Message message;
    private final long deadlineNs;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private volatile long endNs;
    private volatile long nextBeatNs;

    Lease(Message message, long endNs, long firstBeatNs, long deadlineNs) {
        this.message = message;
        this.endNs = endNs;
        this.nextBeatNs = firstBeatNs;
        this.deadlineNs = deadlineNs;
    }

    Message message() {
        return message;
    }

    /**
     * Whether it is over. The message learns it here, by whoever looks first: the keeper's thread
     * may be held up by the queue that it should extend leases on.
     */
    boolean isOver(long nowNs) {
        if (!message.leaseLost() && nowNs - endNs >= 0) {
            message.loseLease();
        }
        return message.leaseLost();
    }

    boolean isDue(long nowNs) {
        return nowNs - nextBeatNs >= 0 && nowNs - deadlineNs < 0;
    }

    /**
     * Says that a heartbeat goes out; false when it must not any more, and where one that was on
     * its way when this one was found due has arrived meanwhile.
     */
    boolean beginBeat(long nowNs) {
        if (!state.compareAndSet(State.OPEN, State.BEATING)) {
            return false;
        }
        boolean due = isDue(nowNs);
        if (!due) {
            state.set(State.OPEN);
        }
        return due;
    }

    void extended(long untilNs, long beatAgainNs) {
        endNs = untilNs;
        endBeat(beatAgainNs);
    }

    void endBeat(long beatAgainNs) {
        nextBeatNs = beatAgainNs;
        state.set(State.OPEN);
    }

    /** Forbids further heartbeats; false while one is on its way. */
    boolean silence() {
        return state.compareAndSet(State.OPEN, State.SILENT) || state.get() == State.SILENT;
    }
}
