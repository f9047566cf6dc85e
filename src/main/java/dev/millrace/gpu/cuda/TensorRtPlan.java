package dev.millrace.gpu.cuda;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.PlanCompiler.OptimizationProfile;
import dev.millrace.gpu.PlanCompiler.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.global.nvinfer.DataType;
import org.bytedeco.tensorrt.global.nvinfer.EngineStat;
import org.bytedeco.tensorrt.global.nvinfer.LayerInformationFormat;
import org.bytedeco.tensorrt.global.nvinfer.OptProfileSelector;
import org.bytedeco.tensorrt.global.nvinfer.TensorIOMode;
import org.bytedeco.tensorrt.nvinfer.Dims64;
import org.bytedeco.tensorrt.nvinfer.ICudaEngine;
import org.bytedeco.tensorrt.nvinfer.IEngineInspector;
import org.bytedeco.tensorrt.nvinfer.IRuntime;

/**
 * A plan on the GPU: the runtime that read it and the engine that came of it, freed in the reverse
 * order. The device must be current on the calling thread.
 */
record TensorRtPlan(IRuntime runtime, ICudaEngine engine) implements AutoCloseable {
    /** Reads a plan. Throws {@link DeviceException}, one line. */
    static TensorRtPlan read(Path file) {
        IRuntime runtime =
                TensorRt.made(
                        nvinfer.createInferRuntime(TensorRtLog.INSTANCE), "createInferRuntime");
        try {
            return new TensorRtPlan(runtime, engine(runtime, file));
        } catch (Throwable e) {
            TensorRt.free(runtime);
            throw e;
        }
    }

    private static ICudaEngine engine(IRuntime runtime, Path file) {
        try (FileChannel channel = FileChannel.open(file);
                Arena arena = Arena.ofConfined();
                RawPointer bytes =
                        new RawPointer(
                                channel.map(MapMode.READ_ONLY, 0, channel.size(), arena)
                                        .address())) {
            return TensorRt.made(
                    runtime.deserializeCudaEngine(bytes, channel.size()), "reading " + file);
        } catch (IOException e) {
            throw new DeviceException("the plan " + file + " cannot be read: " + e, e);
        }
    }

    List<Tensor> tensors() {
        List<Tensor> tensors = new ArrayList<>();
        for (int i = 0; i < engine.getNbIOTensors(); i++) {
            String name = engine.getIOTensorName(i);
            try (Dims64 shape = engine.getTensorShape(name)) {
                tensors.add(
                        new Tensor(
                                name,
                                engine.getTensorIOMode(name).intern() == TensorIOMode.kINPUT,
                                type(engine.getTensorDataType(name).intern()),
                                shape(shape)));
            }
        }
        return tensors;
    }

    private static List<Integer> shape(Dims64 dims) {
        return IntStream.range(0, dims.nbDims()).mapToObj(i -> Math.toIntExact(dims.d(i))).toList();
    }

    /** TensorRT's name without its k, and its floats by their width. */
    private static String type(DataType type) {
        return switch (type) {
            case kFLOAT -> "FP32";
            case kHALF -> "FP16";
            default -> type.name().substring(1);
        };
    }

    /** The batch sizes of each profile. */
    List<OptimizationProfile> profiles() {
        String input =
                tensors().stream()
                        .filter(Tensor::input)
                        .findFirst()
                        .orElseThrow(() -> new DeviceException("the plan has no input"))
                        .name();
        return IntStream.range(0, engine.getNbOptimizationProfiles())
                .mapToObj(
                        i ->
                                new OptimizationProfile(
                                        batch(input, i, OptProfileSelector.kMIN),
                                        batch(input, i, OptProfileSelector.kOPT),
                                        batch(input, i, OptProfileSelector.kMAX)))
                .toList();
    }

    private int batch(String input, int profile, OptProfileSelector selector) {
        try (Dims64 shape = engine.getProfileShape(input, profile, selector)) {
            return Math.toIntExact(shape.d(0));
        }
    }

    /** Device memory that one execution context takes. */
    long contextBytes() {
        return engine.getDeviceMemorySizeV2();
    }

    /** Device memory that the weights take. */
    long weightBytes() {
        return engine.getEngineStat(EngineStat.kTOTAL_WEIGHTS_SIZE);
    }

    /** What TensorRT's inspector says about the layers. */
    String layersAsJson() {
        IEngineInspector inspector =
                TensorRt.made(engine.createEngineInspector(), "createEngineInspector");
        try {
            return inspector.getEngineInformation(LayerInformationFormat.kJSON);
        } finally {
            TensorRt.free(inspector);
        }
    }

    @Override
    public void close() {
        TensorRt.free(engine);
        TensorRt.free(runtime);
    }
}
