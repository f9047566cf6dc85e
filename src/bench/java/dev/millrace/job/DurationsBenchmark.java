package dev.millrace.job;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the histograms of {@code /metrics} cost an image: ten durations, from half a ms to 10 s. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DurationsBenchmark {
    private static final int PER_IMAGE = 10;

    /** Of a worker's stages, as they are of the same image. */
    private static final long[] NANOS = {
        400_000L,
        2_000_000,
        7_000_000,
        30_000_000,
        90_000_000,
        200_000_000,
        700_000_000,
        2_000_000_000L,
        4_000_000_000L,
        9_000_000_000L
    };

    private final Durations[] stages = new Durations[PER_IMAGE];

    public DurationsBenchmark() {
        Arrays.setAll(stages, _ -> Durations.ofStage());
    }

    @Benchmark
    public void image() {
        for (int i = 0; i < PER_IMAGE; i++) {
            stages[i].add(NANOS[i]);
        }
    }
}
