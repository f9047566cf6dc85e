package dev.millrace.job;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * How many durations of one kind were how long, in fixed ranges, so that those of several workers
 * can be added up: a few for Prometheus' classic histograms, and many for its native ones. Any
 * thread adds, and allocates nothing; metrics read. There is one counter for each part into which
 * the bounds of both kinds cut the time, so that a duration is counted once for both.
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

    /** How many parts are within each bound. */
    private final int[] partsWithin;

    /** The first part of each exponential range. */
    private final int[] firstPart = new int[ExponentialRanges.COUNT + 1];

    /** The bound that cuts an exponential range in two; the longest time where none does. */
    private final long[] cutNs = new long[ExponentialRanges.COUNT];

    private final LongAdder[] parts;
    private final LongAdder totalNs = new LongAdder();

    private Durations(double[] boundsSeconds) {
        this.boundsSeconds = boundsSeconds;
        this.partsWithin = new int[boundsSeconds.length];
        Arrays.fill(cutNs, Long.MAX_VALUE);
        int[] rangeOf = new int[boundsSeconds.length];
        for (int i = 0; i < boundsSeconds.length; i++) {
            long boundNs = Math.round(boundsSeconds[i] * NS_PER_SECOND);
            rangeOf[i] = ExponentialRanges.of(boundNs);
            if (ExponentialRanges.of(boundNs + 1) == rangeOf[i]) {
                cutNs[rangeOf[i]] = boundNs;
            }
        }
        for (int range = 0; range < cutNs.length; range++) {
            firstPart[range + 1] = firstPart[range] + (isCut(range) ? 2 : 1);
        }
        for (int i = 0; i < rangeOf.length; i++) {
            partsWithin[i] = firstPart[rangeOf[i]] + 1;
        }
        this.parts =
                Stream.generate(LongAdder::new)
                        .limit(firstPart[firstPart.length - 1])
                        .toArray(LongAdder[]::new);
    }

    private boolean isCut(int range) {
        return cutNs[range] != Long.MAX_VALUE;
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
        int range = ExponentialRanges.of(took);
        parts[firstPart[range] + (took > cutNs[range] ? 1 : 0)].add(count);
        totalNs.add(took * count);
    }

    /**
     * How many there were at one time.
     *
     * @param classic in each range between the bounds, one more than there are bounds
     * @param exponential in each of the {@link ExponentialRanges}
     */
    public record Reading(long[] classic, long[] exponential) {}

    /** Both kinds of ranges have the same durations in it. */
    public Reading reading() {
        long[] now = new long[parts.length];
        for (int i = 0; i < now.length; i++) {
            now[i] = parts[i].sum();
        }
        long[] classic = new long[boundsSeconds.length + 1];
        int part = 0;
        for (int i = 0; i < classic.length; i++) {
            int end = i < partsWithin.length ? partsWithin[i] : now.length;
            while (part < end) {
                classic[i] += now[part++];
            }
        }
        long[] exponential = new long[ExponentialRanges.COUNT];
        for (int range = 0; range < exponential.length; range++) {
            exponential[range] =
                    now[firstPart[range]] + (isCut(range) ? now[firstPart[range] + 1] : 0);
        }
        return new Reading(classic, exponential);
    }

    /** The longest duration of each range but the last, which has no end. */
    public double[] boundsSeconds() {
        return boundsSeconds.clone();
    }

    public long count() {
        long all = 0;
        for (LongAdder part : parts) {
            all += part.sum();
        }
        return all;
    }

    public long totalNs() {
        return totalNs.sum();
    }
}
