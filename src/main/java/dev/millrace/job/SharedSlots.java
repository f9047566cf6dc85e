package dev.millrace.job;

import dev.millrace.resource.Mutex;
import java.util.concurrent.locks.Condition;

/**
 * Slots that callers who wait for their answers share with the messages of a queue. A caller's job
 * goes before those of the queue, which hold no more slots than keep the threads and the device
 * busy: the ring is in order, so what is in it already is what a caller waits for. Of jobs that are
 * not decoded the queue has even fewer, since they are what takes long.
 *
 * <p>While both sides want more than there is, callers get no more than their share: each slot for
 * the queue earns them so many, each of theirs while the queue waits costs one. So the queue goes
 * on, however many callers there are. Thread-safe.
 */
final class SharedSlots implements Slots {
    private final int size;
    private final int mostOfQueue;
    private final int mostUnprepared;
    private final double earned;
    private final double mostCredit;
    private final Mutex lock = new Mutex();
    private final Condition callersTurn = lock.newCondition();
    private final Condition queuesTurn = lock.newCondition();
    private final Condition allFree = lock.newCondition();

    // Guarded by the lock.
    private int callers;
    private int queued;
    private int unprepared;
    private int callersWaiting;
    private int queuedWaiting;
    private double credit;

    /**
     * @param mostOfQueue slots that jobs of the queue hold at most
     * @param mostUnprepared slots of these whose jobs are not prepared yet
     * @param batch slots that callers may take one after the other while the queue waits, or as
     *     many as their share earns them by one slot of the queue
     * @param share of the slots that callers get while both sides want them, more than 0; with 1
     *     they always go first
     */
    SharedSlots(int size, int mostOfQueue, int mostUnprepared, int batch, double share) {
        this.size = size;
        this.mostOfQueue = Math.min(size, mostOfQueue);
        this.mostUnprepared = mostUnprepared;
        this.earned = share / (1 - share);
        this.mostCredit = Math.max(batch, earned);
        this.credit = mostCredit;
    }

    @Override
    public void take(boolean caller) throws InterruptedException {
        try (var _ = lock.hold()) {
            try {
                if (caller) {
                    takeForCaller();
                } else {
                    takeForQueue();
                }
            } finally {
                // Also who was woken and interrupted passes its turn on.
                wakeNext();
            }
        }
    }

    private void takeForCaller() throws InterruptedException {
        callersWaiting++;
        try {
            while (!isCallersTurn()) {
                callersTurn.await();
            }
            takenByCaller();
        } finally {
            callersWaiting--;
        }
    }

    private void takenByCaller() {
        callers++;
        if (isQueueReady()) {
            credit = Math.max(0, credit - 1);
        }
    }

    private void takeForQueue() throws InterruptedException {
        queuedWaiting++;
        try {
            while (!isQueuesTurn()) {
                queuesTurn.await();
            }
            queued++;
            unprepared++;
        } finally {
            queuedWaiting--;
        }
        credit = Math.min(mostCredit, credit + earned);
    }

    /** The queue's jobs are many and wait in turn; only who waits for an answer asks like this. */
    @Override
    public boolean takeNow(boolean caller) {
        try (var _ = lock.hold()) {
            if (!caller || callersWaiting > 0 || !isCallersTurn()) {
                return false;
            }
            takenByCaller();
            return true;
        }
    }

    private boolean isFree() {
        return callers + queued < size;
    }

    private boolean hasQueueRoom() {
        return queued < mostOfQueue && unprepared < mostUnprepared;
    }

    private boolean isQueueReady() {
        return queuedWaiting > 0 && hasQueueRoom();
    }

    private boolean isCallersTurn() {
        return isFree() && (credit >= 1 || !isQueueReady());
    }

    private boolean isQueuesTurn() {
        return isFree() && hasQueueRoom() && (callersWaiting == 0 || credit < 1);
    }

    private void wakeNext() {
        if (callersWaiting > 0 && isCallersTurn()) {
            callersTurn.signal();
        } else if (queuedWaiting > 0 && isQueuesTurn()) {
            queuesTurn.signal();
        }
    }

    @Override
    public void prepared(boolean caller) {
        if (caller) {
            return;
        }
        try (var _ = lock.hold()) {
            unprepared--;
            wakeNext();
        }
    }

    @Override
    public void giveBack(boolean caller) {
        try (var _ = lock.hold()) {
            if (caller) {
                callers--;
            } else {
                queued--;
            }
            if (callers + queued == 0) {
                allFree.signalAll();
            }
            wakeNext();
        }
    }

    @Override
    public int taken() {
        try (var _ = lock.hold()) {
            return callers + queued;
        }
    }

    @Override
    public void onceAllAreFree(Runnable action) throws InterruptedException {
        try (var _ = lock.hold()) {
            while (callers + queued > 0) {
                allFree.await();
            }
            action.run();
        }
    }
}
