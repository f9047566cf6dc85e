package dev.millrace.infer;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One decision of the planner, with what it looks at made anew. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PlannerBenchmark {
    private static final int MAX_BATCH = 32;
    private static final long LINGER_NS = 5_000_000;

    /** In what state the planner finds the stage. */
    public enum Case {
        IDLE,
        FULL,
        WAITING
    }

    @Param Case situation;

    private long backlog;
    private boolean laneBusy;
    private long ageNs;

    @Setup
    public void prepare() {
        backlog = situation == Case.FULL ? 40 : 5;
        laneBusy = situation != Case.IDLE;
        ageNs = 1_000_000;
    }

    @Benchmark
    public int plan() {
        return BatchPlanner.plan(
                new BatchPlanner.Situation(backlog, 100, true, laneBusy, ageNs, false),
                MAX_BATCH,
                LINGER_NS);
    }
}
