package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.PlanCompiler;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.infer.Lane;
import dev.millrace.job.Rows;
import dev.millrace.nativelib.DynamicLibrary;
import dev.millrace.resource.Resources;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Two lanes of a worker on the second of two GPUs, driven by a thread that did not make them, with
 * graphs and without; says what each batch gave. Run in a process of its own over the stand-ins.
 */
final class LaneScenario {
    private static final int GPU = 1;
    private static final int ROWS = 12;
    private static final int PIXELS = 12;
    private static final int[] BATCHES = {1, 3, 8, 9, ROWS, 2, 5, ROWS};
    private static final long LIMIT_NS = 5_000_000_000L;

    private final Rows rows;
    private final List<Lane> lanes = new ArrayList<>();
    private final int[] submitted = new int[2];

    private LaneScenario(Rows rows) {
        this.rows = rows;
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    public static void main(String[] arguments) throws Throwable {
        Path folder = Path.of(arguments[0]);
        Path onnx = folder.resolve("model.onnx");
        Path plan = folder.resolve("model.plan");
        TestModel.write(onnx);
        try (TensorRtCompiler compiler = TensorRtCompiler.open(GPU, Optional.empty())) {
            compiler.build(
                    onnx,
                    new PlanCompiler.Options(1, 8, ROWS, 1L << 20, Optional.empty()),
                    plan,
                    (_, _) -> {});
        }
        for (boolean graphs : new boolean[] {true, false}) {
            try {
                run(CudaDevice.open(new CudaDevice.Options(GPU, false, graphs)), source(plan));
            } catch (RuntimeException e) {
                say("refused: " + e.getMessage());
            }
        }
        FunctionDescriptor count = FunctionDescriptor.of(JAVA_INT);
        DynamicLibrary runtime = Libraries.fromEnvironment().open(Cuda.LIBRARY);
        say("not freed: " + (int) runtime.bind("fake_alive", count).invokeExact());
        say("faults: " + (int) runtime.bind("fake_faults", count).invokeExact());
    }

    private static EngineSource source(Path plan) {
        return new EngineSource(
                        "model",
                        Path.of("model.onnx"),
                        List.of(new TensorSpec("pixels", TensorSpec.Type.UINT8, List.of(2, 2, 3))),
                        List.of(new TensorSpec("scores", TensorSpec.Type.FLOAT32, List.of(1))),
                        ROWS)
                .withPlan(plan);
    }

    private static void run(CudaDevice device, EngineSource source) throws InterruptedException {
        try (Resources resources = new Resources()) {
            Engine engine = resources.own(device.load(source));
            Rows rows = resources.own(new Rows(2 * ROWS, device, engine));
            LaneScenario scenario = new LaneScenario(rows);
            for (String name : List.of("first", "second")) {
                scenario.lanes.add(resources.own(new Lane(name, device, engine, rows)));
            }
            Thread infer =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try {
                                            scenario.infer();
                                        } catch (RuntimeException e) {
                                            say("refused: " + e.getMessage());
                                        }
                                    });
            infer.join();
        }
    }

    /** The last batch of each lane is in flight when this ends. */
    private void infer() {
        for (int i = 0; i < BATCHES.length; i++) {
            int lane = i % 2;
            finish(lane);
            fill(lane, BATCHES[i]);
            submitted[lane] = BATCHES[i];
            lanes.get(lane).submit(lane * ROWS, BATCHES[i]);
        }
    }

    private void finish(int lane) {
        if (submitted[lane] == 0) {
            return;
        }
        long untilNs = System.nanoTime() + LIMIT_NS;
        while (!lanes.get(lane).done().isComplete()) {
            if (System.nanoTime() > untilNs) {
                say("a batch hangs");
                Runtime.getRuntime().halt(0);
            }
            Thread.onSpinWait();
        }
        say("batch of " + submitted[lane] + ": " + (isRight(lane) ? "right" : "wrong"));
    }

    private MemorySegment scores() {
        return rows.outputs().getFirst().memory().segment();
    }

    private void fill(int lane, int batch) {
        for (int row = 0; row < ROWS; row++) {
            long index = (long) lane * ROWS + row;
            rows.input().memory().segment().set(JAVA_BYTE, index * PIXELS, (byte) (row + batch));
            scores().setAtIndex(JAVA_FLOAT, index, 0);
        }
    }

    /** The first byte of each row of the batch, and nothing behind it. */
    private boolean isRight(int lane) {
        for (int row = 0; row < ROWS; row++) {
            float expected = row < submitted[lane] ? row + submitted[lane] : 0;
            if (scores().getAtIndex(JAVA_FLOAT, (long) lane * ROWS + row) != expected) {
                return false;
            }
        }
        return true;
    }
}
