package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.PlanCompiler;
import dev.millrace.gpu.Stream;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.nativelib.DynamicLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Builds a plan, looks into it and runs it, with and without graphs, and says what happens. Run in
 * a process of its own over stand-ins of all of NVIDIA's libraries, with a folder for the files.
 */
final class TensorRtScenario {
    private static final int ROWS = 12;
    private static final int PIXELS = 12;

    private TensorRtScenario() {}

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    public static void main(String[] arguments) throws Throwable {
        Path folder = Path.of(arguments[0]);
        Path plan = folder.resolve("model.plan");
        TestModel.write(folder.resolve("model.onnx"));
        try (TensorRtCompiler compiler = TensorRtCompiler.open(0, Optional.empty())) {
            build(compiler, folder, plan);
        }
        for (boolean graphs : new boolean[] {true, false}) {
            say("graphs: " + graphs);
            try {
                run(CudaDevice.open(new CudaDevice.Options(0, false, graphs)), plan);
            } catch (DeviceException e) {
                say("refused: " + e.getMessage());
            }
        }
        refuseAnAddress(plan);
        FunctionDescriptor count = FunctionDescriptor.of(JAVA_INT);
        DynamicLibrary runtime = Libraries.fromEnvironment().open(Cuda.LIBRARY);
        say("not freed: " + (int) runtime.bind("fake_alive", count).invokeExact());
        say("faults: " + (int) runtime.bind("fake_faults", count).invokeExact());
    }

    private static void build(TensorRtCompiler compiler, Path folder, Path plan) throws Exception {
        Path cache = folder.resolve("timing.cache");
        PlanCompiler.Options options =
                new PlanCompiler.Options(1, 8, 16, 1L << 30, Optional.of(cache));
        compiler.build(
                folder.resolve("model.onnx"),
                options,
                plan,
                (phase, done) -> say("progress: " + phase));
        String head = new String(Files.readAllBytes(plan), StandardCharsets.ISO_8859_1);
        say("written: " + head.substring(0, 25) + " and " + Files.readString(cache));
        refused(() -> compiler.build(Path.of("bad.onnx"), options, plan, (phase, done) -> {}));
        Path taken = Files.createDirectories(folder.resolve("taken/by.plan/a-folder")).getParent();
        refused(
                () ->
                        compiler.build(
                                folder.resolve("model.onnx"), options, taken, (phase, done) -> {}));
        try (var files = Files.list(taken.getParent())) {
            say("beside it: " + files.map(Path::getFileName).toList());
        }
        say("inspected: " + compiler.inspect(plan).tensors());
        say("inspected: " + compiler.inspect(plan).profiles());
        say("inspected: " + compiler.inspect(plan).layers());
        Path other = Files.writeString(folder.resolve("other.plan"), "no plan");
        refused(() -> compiler.inspect(other));
    }

    private static void refused(Runnable work) {
        try {
            work.run();
            say("not refused");
        } catch (DeviceException e) {
            say("refused: " + e.getMessage());
        }
    }

    private static void run(CudaDevice device, Path plan) {
        refused(() -> device.load(source(plan, 32)));
        Engine engine = device.load(source(plan, ROWS));
        Memory pixels = device.allocateDevice(ROWS * PIXELS);
        Memory scores = device.allocateDevice(ROWS * JAVA_FLOAT.byteSize());
        Memory in = device.allocateHost(ROWS * PIXELS);
        Memory out = device.allocateHost(ROWS * JAVA_FLOAT.byteSize());
        Stream stream = device.createStream("scenario");
        Engine.Context context = engine.createContext();
        try {
            context.bind("pixels", pixels);
            context.bind("scores", scores);
            for (int batch : new int[] {1, 3, 8, 9, ROWS, 2}) {
                fill(in, batch);
                out.segment().fill((byte) 0);
                stream.copyToDevice(pixels, 0, in, 0, (long) batch * PIXELS);
                context.enqueue(batch, stream);
                stream.copyToHost(out, 0, scores, 0, batch * JAVA_FLOAT.byteSize());
                stream.synchronize();
                say("batch of " + batch + ": " + (right(out, batch) ? "right" : "wrong"));
            }
            refused(() -> context.enqueue(ROWS + 1, stream));
        } finally {
            stream.close();
            context.close();
            List.of(pixels, scores, in, out).forEach(Memory::close);
            engine.close();
            device.close();
        }
    }

    /** Before anybody has the context. */
    private static void refuseAnAddress(Path file) {
        CudaDevice device = CudaDevice.open(new CudaDevice.Options(0, false, false));
        try (TensorRtPlan plan = TensorRtPlan.read(file);
                CudaMemory memory = new CudaMemory(device, 1 << 20)) {
            Map<String, CudaMemory> bound = Map.of("none", memory);
            new ExecutionContext(plan.engine(), source(file, ROWS).inputs(), memory, bound).close();
            say("not refused");
        } catch (DeviceException e) {
            say("refused: " + e.getMessage().split(";")[0]);
        }
    }

    private static EngineSource source(Path plan, int maxBatch) {
        return new EngineSource(
                        "model",
                        Path.of("model.onnx"),
                        List.of(new TensorSpec("pixels", TensorSpec.Type.UINT8, List.of(2, 2, 3))),
                        List.of(new TensorSpec("scores", TensorSpec.Type.FLOAT32, List.of(1))),
                        maxBatch)
                .withPlan(plan);
    }

    private static void fill(Memory in, int batch) {
        for (int row = 0; row < batch; row++) {
            in.segment().set(JAVA_BYTE, (long) row * PIXELS, (byte) (row + batch));
        }
    }

    /** The first byte of each row of the batch, and nothing behind it. */
    private static boolean right(Memory out, int batch) {
        for (int row = 0; row < ROWS; row++) {
            float expected = row < batch ? row + batch : 0;
            if (out.segment().getAtIndex(JAVA_FLOAT, row) != expected) {
                return false;
            }
        }
        return true;
    }
}
