package dev.millrace.gpu.cuda;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.PlanCompiler;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.global.nvinfer.ExecutionContextAllocationStrategy;
import org.bytedeco.tensorrt.nvinfer.Dims64;
import org.bytedeco.tensorrt.nvinfer.IExecutionContext;

/**
 * Asks TensorRT for what it refuses, and says what it logs. Run in a process of its own over the
 * stand-ins.
 */
final class TensorRtRefusals {
    private TensorRtRefusals() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        TensorRt.prepareCompiler(Libraries.fromEnvironment());
        accepted(nvinfer.createInferBuilder(TensorRtLog.INSTANCE) != null);
        Path plan = folder.resolve("model.plan");
        build(folder.resolve("model.onnx"), plan);
        plans(plan);
        CudaDevice device = CudaDevice.open(new CudaDevice.Options(0, false, false));
        try (TensorRtPlan read = TensorRtPlan.read(plan)) {
            batches(device, read);
        }
    }

    private static void accepted(boolean accepted) {
        System.out.println(accepted ? "accepted" : "refused: " + TensorRtLog.takeError());
        System.out.flush();
    }

    private static void build(Path onnx, Path plan) throws Exception {
        TestModel.write(onnx);
        try (TensorRtCompiler compiler = TensorRtCompiler.open(0, Optional.empty())) {
            PlanCompiler.Options options =
                    new PlanCompiler.Options(1, 8, 16, 1L << 20, Optional.empty());
            compiler.build(onnx, options, plan, (_, _) -> {});
        }
    }

    private static void plans(Path plan) throws Exception {
        String good = Files.readString(plan, StandardCharsets.ISO_8859_1);
        for (String bad :
                new String[] {
                    good.replace("10.15.1.29", "10.14.1.48"),
                    good.replace("29 75", "29 86"),
                    good.substring(0, good.length() - 1)
                }) {
            Path file = plan.resolveSibling("bad.plan");
            Files.writeString(file, bad, StandardCharsets.ISO_8859_1);
            try {
                TensorRtPlan.read(file).close();
                accepted(true);
            } catch (DeviceException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    private static void batches(CudaDevice device, TensorRtPlan plan) {
        try (CudaMemory memory = new CudaMemory(device, 4096);
                CudaMemory scratch = new CudaMemory(device, plan.contextBytes());
                CudaStream stream = new CudaStream(device)) {
            IExecutionContext context =
                    plan.engine()
                            .createExecutionContext(
                                    ExecutionContextAllocationStrategy.kUSER_MANAGED);
            CUstream_st to = new CUstream_st(new RawPointer(stream.handle()));
            accepted(context.enqueueV3(to));
            accepted(context.setInputShape("scores", shape(1, 2)));
            accepted(context.setInputShape("pixels", shape(1, 4)));
            accepted(context.setInputShape("pixels", shape(17, 2)));
            accepted(context.setInputShape("pixels", shape(16, 2)));
            accepted(context.enqueueV3(to));
            RawPointer address = new RawPointer(memory.address());
            accepted(context.setTensorAddress("other", address));
            accepted(context.setTensorAddress("pixels", new RawPointer(memory.address() + 4)));
            accepted(context.setTensorAddress("pixels", address));
            accepted(context.setTensorAddress("scores", new RawPointer(memory.address() + 1024)));
            accepted(context.enqueueV3(to));
            context.setDeviceMemoryV2(new RawPointer(scratch.address()), scratch.bytes() - 1);
            accepted(false);
            context.setDeviceMemoryV2(new RawPointer(scratch.address()), scratch.bytes());
            accepted(context.enqueueV3(to));
            stream.synchronize();
            TensorRt.free(context);
        }
    }

    private static Dims64 shape(int rows, int height) {
        return new Dims64().nbDims(4).d(0, rows).d(1, height).d(2, 2).d(3, 3);
    }
}
