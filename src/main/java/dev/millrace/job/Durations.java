package dev.millrace.job;

import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * How many durations of one kind were how long: a counter for each of a few fixed ranges, so that
 * those of several workers can be added up. Any thread adds, and allocates nothing; metrics read.
 */
public final class Durations {
    private static final double NS_PER_SECOND = 1e9;

    /** Of a stage, or of a message from its receipt to its end. */
    private static final double[] STAGE = {
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300
    };

    /** In a queue, where messages may wait for days. */
    private static final double[] QUEUE = {
        0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 14_400, 86_400
    };

    private final double[] boundsSeconds;
    private final long[] boundsNs;
    private final LongAdder[] counts;
    private final LongAdder totalNs = new LongAdder();

    private Durations(double[] boundsSeconds) {
        this.boundsSeconds = boundsSeconds;
        this.boundsNs = new long[boundsSeconds.length];
        for (int i = 0; i < boundsNs.length; i++) {
            boundsNs[i] = Math.round(boundsSeconds[i] * NS_PER_SECOND);
        }
        this.counts =
                Stream.generate(LongAdder::new)
                        .limit(boundsNs.length + 1)
                        .toArray(LongAdder[]::new);
    }

    /** Half a millisecond to five minutes. */
    public static Durations ofStage() {
        return new Durations(STAGE);
    }

    /** A twentieth of a second to a day. */
    public static Durations inQueue() {
        return new Durations(QUEUE);
    }

    public void add(long nanos) {
        add(nanos, 1);
    }

    /** So many that took equally long; one that seems to end before it began took no time. */
    public void add(long nanos, int count) {
        long took = Math.max(0, nanos);
        int range = 0;
        while (range < boundsNs.length && took > boundsNs[range]) {
            range++;
        }
        counts[range].add(count);
        totalNs.add(took * count);
    }

    /** The longest duration of each range but the last, which has no end. */
    public double[] boundsSeconds() {
        return boundsSeconds.clone();
    }

    /** How many are in each range, one more than there are bounds. */
    public long[] counts() {
        long[] now = new long[counts.length];
        for (int i = 0; i < now.length; i++) {
            now[i] = counts[i].sum();
        }
        return now;
    }

    public long count() {
        long all = 0;
        for (LongAdder count : counts) {
            all += count.sum();
        }
        return all;
    }

    public long totalNs() {
        return totalNs.sum();
    }
}
