package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.PlanCompiler;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.infer.Lane;
import dev.millrace.job.Rows;
import dev.millrace.nativelib.DynamicLibrary;
import dev.millrace.resource.Resources;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Loads a model with two lanes again and again, each time with another call of CUDA that fails, and
 * says what each load has left. Run in a process of its own over the stand-ins.
 */
final class FailedLoads {
    private static final List<String> CALLS =
            List.of(
                    "cudaMalloc",
                    "cudaMemsetAsync",
                    "cudaHostAlloc",
                    "cudaStreamCreateWithFlags",
                    "cudaEventCreateWithFlags",
                    "cudaStreamBeginCapture",
                    "cudaStreamEndCapture",
                    "cudaGraphInstantiateWithFlags",
                    "cudaGraphUpload",
                    "cudaGraphLaunch",
                    "cudaStreamSynchronize");

    private FailedLoads() {}

    public static void main(String[] arguments) throws Throwable {
        Path folder = Path.of(arguments[0]);
        Path onnx = folder.resolve("model.onnx");
        Path plan = folder.resolve("model.plan");
        TestModel.write(onnx);
        try (TensorRtCompiler compiler = TensorRtCompiler.open(0, Optional.empty())) {
            compiler.build(
                    onnx,
                    new PlanCompiler.Options(1, 8, 16, 1L << 30, Optional.empty()),
                    plan,
                    (_, _) -> {});
        }
        EngineSource source =
                new EngineSource(
                                "model",
                                onnx,
                                List.of(
                                        new TensorSpec(
                                                "pixels", TensorSpec.Type.UINT8, List.of(2, 2, 3))),
                                List.of(
                                        new TensorSpec(
                                                "scores", TensorSpec.Type.FLOAT32, List.of(1))),
                                3)
                        .withPlan(plan);
        for (String call : CALLS) {
            fail(call, source);
        }
    }

    /** Each of the calls of one name in turn, until a load makes no more of them. */
    private static void fail(String call, EngineSource source) throws Throwable {
        DynamicLibrary runtime = Libraries.fromEnvironment().open(Cuda.LIBRARY);
        FunctionDescriptor count = FunctionDescriptor.of(JAVA_INT);
        int failed = 0;
        int left = 0;
        boolean refused = true;
        // Where a graph cannot be made the load goes on without.
        for (int n = 1; n <= 3 || refused && n <= 20; n++) {
            configure(runtime, "call-fail=" + call + ":2@" + n);
            refused = load(source);
            left += (int) runtime.bind("fake_alive", count).invokeExact();
            failed += refused ? 1 : 0;
        }
        System.out.println(call + ": " + failed + " loads failed, left: " + left);
    }

    private static void configure(DynamicLibrary runtime, String options) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            runtime.bind("fake_configure", FunctionDescriptor.ofVoid(ADDRESS))
                    .invokeExact(arena.allocateFrom(options));
        }
    }

    /** Says whether it failed. */
    private static boolean load(EngineSource source) {
        Resources resources = new Resources();
        try {
            CudaDevice device = CudaDevice.open(new CudaDevice.Options(0, false, true));
            Engine engine = resources.own(device.load(source));
            Rows rows = resources.own(new Rows(6, device, engine));
            resources.own(new Lane("first", device, engine, rows));
            resources.own(new Lane("second", device, engine, rows));
        } catch (DeviceException e) {
            resources.closeAfter(e);
            return true;
        }
        try {
            resources.close();
        } catch (DeviceException e) {
            return true;
        }
        return false;
    }
}
