package dev.millrace.job;

import java.util.concurrent.atomic.LongAdder;

/**
 * How long the threads of one stage have worked, and on how many items. Written by the stage, read
 * by metrics.
 */
public final class StageClock {
    private final LongAdder busyNs = new LongAdder();
    private final LongAdder items = new LongAdder();

    public void add(long nanos, int count) {
        busyNs.add(nanos);
        items.add(count);
    }

    public long busyNs() {
        return busyNs.sum();
    }

    public long items() {
        return items.sum();
    }
}
