package dev.millrace.fetch;

import dev.millrace.job.Admission;

/**
 * The bytes of the worker's budget that one download holds. It waits for bytes only while it holds
 * none, and holds none while it waits for a turn at a host, so no set of downloads can wait for
 * each other. Owned by one fetch task.
 */
final class Reservation implements AutoCloseable {
    private final Admission admission;
    private long held;

    Reservation(Admission admission) {
        this.admission = admission;
    }

    /** What it holds. */
    long held() {
        return held;
    }

    /** Holds at least {@code bytes}, after a wait if the budget is used up. */
    void await(long bytes) throws InterruptedException {
        if (!tryGrow(bytes)) {
            close();
            admission.reserve(bytes);
            held = bytes;
        }
    }

    /** Holds at least {@code bytes} if they are free now; says whether it does. */
    boolean tryGrow(long bytes) {
        if (bytes <= held) {
            return true;
        }
        if (!admission.tryReserve(bytes - held)) {
            return false;
        }
        held = bytes;
        return true;
    }

    /** Returns what is held above {@code bytes}. */
    void shrink(long bytes) {
        if (bytes < held) {
            admission.giveBack(held - bytes);
            held = bytes;
        }
    }

    /** Leaves {@code bytes} to the message, which returns them once its image is decoded. */
    long handOver(long bytes) {
        shrink(bytes);
        held = 0;
        return bytes;
    }

    /** Returns what is held. */
    @Override
    public void close() {
        shrink(0);
    }
}
