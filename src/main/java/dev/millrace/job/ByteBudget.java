package dev.millrace.job;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;

/**
 * The bytes that downloads, large texts of messages and large results may take together. A download
 * waits for its bytes, first come first served; texts and results are there already and are counted
 * without a wait. Guarded by its owner's lock.
 */
final class ByteBudget {
    /** Of the bytes, texts may take before polling stops. */
    private static final int SHARE_OF_TEXTS = 4;

    private final long most;
    private final Condition free;
    // Those who wait for bytes, in the order in which they came.
    private final Deque<Object> waiting = new ArrayDeque<>();
    private long downloads;
    private long texts;

    /**
     * @param free of the owner's lock, for those who wait for bytes
     */
    ByteBudget(long most, Condition free) {
        this.most = most;
        this.free = free;
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
        Object ticket = new Object();
        try {
            waiting.add(ticket);
            while (waiting.peek() != ticket || !fits(wanted)) {
                free.await();
            }
            downloads += wanted;
        } finally {
            waiting.remove(ticket);
            free.signalAll();
        }
    }

    boolean tryReserve(long wanted) {
        boolean granted = waiting.isEmpty() && fits(wanted);
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
        free.signalAll();
        return !wasLeft && isLeft();
    }

    long taken() {
        return downloads + texts;
    }
}
