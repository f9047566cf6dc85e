package dev.millrace.job;

import com.lmax.disruptor.Sequence;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/**
 * Stages that follow each other round small rings, so that one which is not woken soon stops all.
 * They work and spin for times drawn from the seed, so that sequences move while others are on
 * their way to sleep.
 */
public final class RingSignalCrowd implements LongFunction<String> {
    private static final int RINGS = 6;
    private static final int LAPS = 400;
    private static final int MOST_NS = 20_000;

    /** Of so many looks one takes a while. */
    private static final int OLD = 16;

    /** Says what went wrong; empty where all is well. */
    @Override
    public String apply(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try {
            String finding = "";
            for (int i = 0; i < RINGS && finding.isEmpty(); i++) {
                finding = ring(random, 2 + random.nextInt(3), 1 + random.nextInt(2));
            }
            return finding;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String ring(SplittableRandom random, int stages, int size)
            throws InterruptedException {
        RingSignal signal = new RingSignal();
        Crowd crowd = new Crowd(random);
        Sequence[] done =
                IntStream.range(0, stages).mapToObj(_ -> new Sequence()).toArray(Sequence[]::new);
        for (int i = 0; i < stages; i++) {
            Sequence own = done[i];
            Sequence before = done[(i + stages - 1) % stages];
            // The first may be ahead of the last by the ring's size.
            int ahead = i == 0 ? size : 0;
            crowd.add(
                    "stage-" + i + " of " + stages + ", size " + size,
                    chance -> {
                        for (long next = 0; next < LAPS && !crowd.isOver(); next++) {
                            long wanted = next - ahead;
                            boolean ready =
                                    signal.await(
                                            look(before, wanted, chance),
                                            TimeUnit.MINUTES.toNanos(1),
                                            Math.max(0, chance.nextInt(-MOST_NS, MOST_NS)));
                            crowd.check(ready && before.get() >= wanted, "not ready: " + wanted);
                            Crowd.work(chance.nextInt(MOST_NS));
                            own.set(next);
                            signal.moved();
                            crowd.step();
                        }
                    });
        }
        return crowd.run();
    }

    /** Whether a sequence is reached; now and then the answer is old when the waiter hears it. */
    private static BooleanSupplier look(Sequence before, long wanted, SplittableRandom chance) {
        Thread waiter = Thread.currentThread();
        return () -> {
            boolean ready = before.get() >= wanted;
            if (!ready && Thread.currentThread() == waiter && chance.nextInt(OLD) == 0) {
                LockSupport.parkNanos(chance.nextInt(10 * MOST_NS));
            }
            return ready;
        };
    }
}
