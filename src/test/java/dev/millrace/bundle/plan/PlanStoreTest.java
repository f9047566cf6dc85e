package dev.millrace.bundle.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.Golden;
import dev.millrace.bundle.graph.Bundles;
import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.PlanCompiler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans are found where they are, and built once where they are not. */
class PlanStoreTest {
    private static final Path COLORS = Golden.TEST_ENGINES.resolve("colors");
    private static final PlanStore.BuildSettings SETTINGS = new PlanStore.BuildSettings(4, 1 << 20);

    @TempDir private Path folder;
    private PlanStore store;
    private PlanDemand demand;
    private final Plans compiler = new Plans(false);

    @BeforeEach
    void load() {
        store = new PlanStore(folder.resolve("cache"));
        demand = Plans.demand(Bundles.load(COLORS, folder.resolve("cache")));
    }

    private Path obtain(PlanDemand wanted, PlanCompiler by, OnMissing onMissing) {
        return store.obtain(wanted, () -> by, SETTINGS, onMissing, (phase, done) -> {});
    }

    @Test
    void whatIsMissingIsBuiltOnce() {
        assertEquals(Optional.empty(), store.find(demand));
        Path plan = obtain(demand, compiler, OnMissing.BUILD);
        assertEquals(Optional.of(plan), store.find(demand));
        assertEquals(plan, obtain(demand, compiler, OnMissing.BUILD));
        assertEquals(1, compiler.builds.get());
        PlanCompiler.Options options = compiler.options.getFirst();
        assertEquals(
                List.of(1, 4, 8),
                List.of(options.minBatch(), options.optBatch(), options.maxBatch()));
        assertTrue(options.timingCache().orElseThrow().endsWith("sm_75-trt10.15.1.29.cache"));
    }

    @Test
    void aSmallerBatchIsServedAndALargerOneBuiltAnew() {
        Path plan = obtain(demand, compiler, OnMissing.BUILD);
        PlanDemand less = new PlanDemand(demand.bundle(), Plans.T4, Precision.FP16, 2);
        assertEquals(plan, obtain(less, compiler, OnMissing.FAIL));
        PlanDemand more = new PlanDemand(demand.bundle(), Plans.T4, Precision.FP16, 16);
        assertEquals(plan, obtain(more, compiler, OnMissing.BUILD));
        assertEquals(2, compiler.builds.get());
        assertEquals(Optional.of(plan), store.find(more));
    }

    @Test
    void precisionsHavePlansOfTheirOwn() throws Exception {
        Path half = obtain(demand, compiler, OnMissing.BUILD);
        PlanDemand full = new PlanDemand(demand.bundle(), Plans.T4, Precision.FP32, 8);
        Path other = obtain(full, compiler, OnMissing.BUILD);
        assertTrue(Files.readString(half).startsWith("model.fp16"));
        assertTrue(Files.readString(other).startsWith("model.fp32"));
    }

    @Test
    void withoutLeaveToBuildTheLineSaysWhatToDo() {
        String line =
                assertThrows(BundleException.class, () -> obtain(demand, compiler, OnMissing.FAIL))
                        .getMessage();
        assertTrue(line.contains("missing; build it: scripts/millrace engine build"), line);
        assertEquals(0, compiler.builds.get());
    }

    @Test
    void aPlanInTheBundleIsTakenFirst() throws Exception {
        Path own = Golden.copy(COLORS, folder.resolve("colors"), "green", "lime");
        Bundle bundle = Bundles.load(own, folder.resolve("cache"));
        Path shipped = own.resolve("plans").resolve("t4.plan");
        store.build(Plans.demand(bundle), compiler, SETTINGS, shipped, (phase, done) -> {});
        assertEquals(shipped, obtain(Plans.demand(bundle), compiler, OnMissing.FAIL));
    }

    @Test
    void labelsNeedNoPlanOfTheirOwn() throws Exception {
        Path own = Golden.copy(COLORS, folder.resolve("colors"), "green", "lime");
        Path plan = obtain(demand, compiler, OnMissing.BUILD);
        Bundle relabelled = Bundles.load(own, folder.resolve("cache"));
        assertEquals(plan, obtain(Plans.demand(relabelled), compiler, OnMissing.FAIL));
    }

    @Test
    void aFailedBuildLeavesNothing() throws Exception {
        assertThrows(DeviceException.class, () -> obtain(demand, new Plans(true), OnMissing.BUILD));
        try (Stream<Path> files = Files.list(store.place(demand).getParent())) {
            assertEquals(
                    List.of(".lock"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
        assertEquals(Optional.empty(), store.find(demand));
    }

    @Test
    void ofManyOneBuilds() throws Exception {
        List<Future<Path>> plans = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 8; i++) {
                plans.add(threads.submit(() -> obtain(demand, compiler, OnMissing.BUILD)));
            }
        }
        for (Future<Path> plan : plans) {
            assertEquals(store.place(demand), plan.get());
        }
        assertEquals(1, compiler.builds.get());
    }
}
