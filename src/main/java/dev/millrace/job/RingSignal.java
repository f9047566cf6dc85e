package dev.millrace.job;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * How the threads of one ring wait for each other: parked, with a deadline, until a sequence has
 * moved as far as they need. The Disruptor's blocking strategies park for the cursor only and spin
 * for the stage before, which costs a core that decoding needs, and they wake all that wait for
 * each step of any.
 */
final class RingSignal {
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Waiter> waiting = new ArrayList<>();
    private final AtomicInteger waiters = new AtomicInteger();

    private record Waiter(BooleanSupplier ready, Condition moved) {}

    /** Called after a sequence was set. Costs one fence when nobody waits. */
    void moved() {
        // The waiter counts itself and then looks at the sequence; we set the sequence and then
        // look at the count.
        VarHandle.fullFence();
        if (waiters.get() > 0) {
            lock.lock();
            try {
                for (Waiter waiter : waiting) {
                    if (waiter.ready.getAsBoolean()) {
                        waiter.moved.signal();
                    }
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * Waits until {@code ready} or {@code timeoutNs} have passed; says whether it is ready.
     *
     * @param ready quick; whoever moves a sequence asks it too, so that only those are woken who
     *     can go on
     * @param spinNs of the wait that are spent looking, since to sleep and be woken takes longer
     *     than many a wait; keeps a core busy
     */
    boolean await(BooleanSupplier ready, long timeoutNs, long spinNs) throws InterruptedException {
        if (ready.getAsBoolean() || spinNs > 0 && spin(ready, Math.min(spinNs, timeoutNs))) {
            return true;
        }
        lock.lock();
        Waiter waiter = new Waiter(ready, lock.newCondition());
        waiting.add(waiter);
        waiters.incrementAndGet();
        try {
            long left = timeoutNs;
            while (!ready.getAsBoolean()) {
                if (left <= 0) {
                    return false;
                }
                left = waiter.moved.awaitNanos(left);
            }
            return true;
        } finally {
            waiters.decrementAndGet();
            waiting.remove(waiter);
            lock.unlock();
        }
    }

    private static boolean spin(BooleanSupplier ready, long spinNs) {
        long startNs = System.nanoTime();
        do {
            Thread.onSpinWait();
            if (ready.getAsBoolean()) {
                return true;
            }
        } while (System.nanoTime() - startNs < spinNs);
        return false;
    }
}
