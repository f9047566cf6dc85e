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
    private final long longestNs;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private volatile long endNs;
    private volatile long nextBeatNs;

    /**
     * Since the message's receipt.
     *
     * @param deadlineNs after the work on the message, or on the newest of its images, began, from
     *     which on it is not extended
     */
    Lease(Message message, long visibilityNs, long deadlineNs) {
        long receivedNs = message.delivery().receivedNs();
        this.message = message;
        this.endNs = receivedNs + visibilityNs;
        this.nextBeatNs = receivedNs + visibilityNs / 3;
        this.deadlineNs = deadlineNs;
        this.longestNs = QueueSettings.MAX_VISIBILITY.toNanos() - visibilityNs;
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
        return nowNs - nextBeatNs >= 0 && mayLast(nowNs);
    }

    /** Images that wait say nothing against the message; the queue hides none for longer. */
    private boolean mayLast(long nowNs) {
        return (message.imagesWait() || nowNs - message.beganNs() < deadlineNs)
                && nowNs - message.delivery().receivedNs() <= longestNs;
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
