package dev.millrace.job;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.function.Supplier;

/**
 * The bytes that downloads, large texts of messages and large results may take together. A download
 * waits for its bytes, first come first served, and bytes that come back wake only those that they
 * are given to; texts and results are there already and are counted without a wait. Guarded by its
 * owner's lock.
 */
final class ByteBudget {
    /** Of the bytes, texts may take before polling stops. */
    private static final int SHARE_OF_TEXTS = 4;

    private final long most;
    private final Supplier<Condition> conditions;
    // Those who wait for bytes, in the order in which they came.
    private final Deque<Waiter> waiting = new ArrayDeque<>();
    private long downloads;
    private long texts;

    /** A download that waits. */
    private static final class Waiter {
        private final long wanted;
        private final Condition turn;

        /** Whether the bytes are its own by now. */
        private boolean served;

        Waiter(long wanted, Condition turn) {
            this.wanted = wanted;
            this.turn = turn;
        }
    }

    /**
     * @param conditions of the owner's lock, one for each who waits
     */
    ByteBudget(long most, Supplier<Condition> conditions) {
        this.most = most;
        this.conditions = conditions;
    }

    /** Whether polling may go on. */
    boolean isLeft() {
        return downloads + texts < most && texts <= most / SHARE_OF_TEXTS;
    }

    /** Whether a download may have so many more. */
    private boolean fits(long wanted) {
        return downloads + texts + wanted <= most || downloads == 0 && wanted <= most;
    }

    void reserve(long wanted) throws InterruptedException {
        if (tryReserve(wanted)) {
            return;
        }
        Waiter waiter = new Waiter(wanted, conditions.get());
        waiting.add(waiter);
        try {
            while (!waiter.served) {
                waiter.turn.await();
            }
        } catch (InterruptedException e) {
            if (waiter.served) {
                downloads -= wanted;
            } else {
                waiting.remove(waiter);
            }
            // Those behind it may have waited for it alone.
            serve();
            throw e;
        }
    }

    /** Gives what is free to those who wait, until the first of them needs more. */
    private void serve() {
        while (!waiting.isEmpty() && fits(waiting.peek().wanted)) {
            Waiter first = waiting.remove();
            downloads += first.wanted;
            first.served = true;
            first.turn.signal();
        }
    }

    boolean tryReserve(long wanted) {
        boolean granted = waiting.isEmpty() && fits(wanted);
        downloads += granted ? wanted : 0;
        return granted;
    }

    /** The same before those who wait, for who cannot. */
    boolean reserveAhead(long wanted) {
        boolean granted = fits(wanted);
        downloads += granted ? wanted : 0;
        return granted;
    }

    void keep(long textBytes) {
        texts += textBytes;
    }

    /** Takes back; says whether polling had stopped and may go on now. */
    boolean giveBack(long downloadBytes, long textBytes) {
        boolean wasLeft = isLeft();
        downloads -= downloadBytes;
        texts -= textBytes;
        serve();
        return !wasLeft && isLeft();
    }

    long taken() {
        return downloads + texts;
    }
}
