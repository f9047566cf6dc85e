package dev.millrace.fetch;

import dev.millrace.job.Admission;

/** Holds no bytes of any budget. */
final class Reservation implements AutoCloseable {
    Reservation(Admission admission) {}

    void await(long bytes) throws InterruptedException {}

    boolean tryGrow(long bytes) {
        return true;
    }

    void shrink(long bytes) {}

    long handOver(long bytes) {
        return 0;
    }

    @Override
    public void close() {}
}
