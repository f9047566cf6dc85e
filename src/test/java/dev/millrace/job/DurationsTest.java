package dev.millrace.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Each duration is counted once, in the range whose bound it does not exceed. */
class DurationsTest {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    /** The bound of the range that one duration is counted in; infinite for the last. */
    private static double range(Durations durations, long nanos) {
        long[] before = durations.reading().classic();
        durations.add(nanos);
        long[] after = durations.reading().classic();
        double found = Double.NaN;
        for (int i = 0; i < after.length; i++) {
            if (after[i] != before[i]) {
                assertTrue(Double.isNaN(found), "counted twice");
                assertEquals(1, after[i] - before[i]);
                found =
                        i < after.length - 1
                                ? durations.boundsSeconds()[i]
                                : Double.POSITIVE_INFINITY;
            }
        }
        return found;
    }

    /** As Prometheus has it: {@code le} is less or equal. */
    @Test
    void aBoundBelongsToItsRange() {
        for (Durations durations : new Durations[] {Durations.ofStage(), Durations.inQueue()}) {
            double before = 0;
            for (double bound : durations.boundsSeconds()) {
                assertTrue(bound > before, bound + " after " + before);
                before = bound;
                long nanos = Math.round(bound * SECOND_NS);
                assertEquals(bound, range(durations, nanos));
                assertEquals(bound, range(durations, nanos - 1));
                assertTrue(range(durations, nanos + 1) > bound, () -> "above " + bound);
            }
        }
    }

    @Test
    void theRangesAreInSecondsAndAsWideAsIsSaid() {
        double[] stage = Durations.ofStage().boundsSeconds();
        assertEquals(0.0005, stage[0]);
        assertEquals(300, stage[stage.length - 1]);
        double[] queue = Durations.inQueue().boundsSeconds();
        assertEquals(0.05, queue[0]);
        assertEquals(TimeUnit.DAYS.toSeconds(1), queue[queue.length - 1]);
    }

    @Test
    void manyAreCountedAndSummedAsOften() {
        Durations durations = Durations.ofStage();
        durations.add(SECOND_NS, 3);
        durations.add(TimeUnit.HOURS.toNanos(1));
        assertEquals(4, durations.count());
        assertEquals(3 * SECOND_NS + TimeUnit.HOURS.toNanos(1), durations.totalNs());
        long[] counts = durations.reading().classic();
        assertEquals(1, counts[counts.length - 1], "longer than any bound");
    }

    /** Every range but the first and the last ends at a power of the fourth root of two. */
    @Test
    void bothKindsOfRangesHaveTheSame() {
        for (Durations durations : new Durations[] {Durations.ofStage(), Durations.inQueue()}) {
            Random random = new Random(7);
            for (int i = 0; i < 2000; i++) {
                long nanos = (long) Math.pow(10, 4 + 11 * random.nextDouble());
                long[] before = durations.reading().exponential();
                durations.add(nanos);
                long[] after = durations.reading().exponential();
                int found = Arrays.mismatch(before, after);
                assertEquals(1, after[found] - before[found]);
                double seconds = nanos / 1e9;
                double most = Math.pow(2, ExponentialRanges.number(found) / 4.0);
                assertTrue(seconds <= most * (1 + 1e-12), seconds + " in " + most);
                double least = found == 0 ? 0 : most / Math.pow(2, 0.25);
                assertTrue(seconds > least * (1 - 1e-12), seconds + " in " + most);
            }
            for (double bound : durations.boundsSeconds()) {
                for (long off = -1; off <= 1; off++) {
                    durations.add(Math.round(bound * SECOND_NS) + off);
                }
            }
            Durations.Reading reading = durations.reading();
            long all = durations.count();
            assertEquals(all, LongStream.of(reading.classic()).sum());
            assertEquals(all, LongStream.of(reading.exponential()).sum());
        }
    }

    /** A clock of another machine, such as the queue's, may be ahead. */
    @Test
    void whatEndsBeforeItBeginsTookNoTime() {
        Durations durations = Durations.inQueue();
        assertEquals(0.05, range(durations, -SECOND_NS));
        assertEquals(0, durations.totalNs());
    }

    @Test
    void nobodyChangesTheBounds() {
        Durations durations = Durations.ofStage();
        double[] before = durations.boundsSeconds();
        durations.boundsSeconds()[0] = 7;
        assertArrayEquals(before, durations.boundsSeconds());
    }
}
