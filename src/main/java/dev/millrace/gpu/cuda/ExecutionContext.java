package dev.millrace.gpu.cuda;

import dev.millrace.gpu.TensorSpec;
import dev.millrace.resource.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.tensorrt.global.nvinfer.ExecutionContextAllocationStrategy;
import org.bytedeco.tensorrt.nvinfer.Dims64;
import org.bytedeco.tensorrt.nvinfer.ICudaEngine;
import org.bytedeco.tensorrt.nvinfer.IExecutionContext;

/**
 * One of TensorRT's execution contexts, with its tensors at fixed addresses and its scratch memory
 * in a block that others may share, as long as they run one after another. Driven by one thread.
 */
final class ExecutionContext implements AutoCloseable {
    private final Resources resources = new Resources();
    private final IExecutionContext context;
    private final List<TensorSpec> inputs;
    private final List<Dims64> inputShapes = new ArrayList<>();
    private int batch;
    private long streamHandle;
    private CUstream_st stream;

    /**
     * @param scratch of the size that the engine asks for
     * @param bound every tensor's memory
     */
    ExecutionContext(
            ICudaEngine engine,
            List<TensorSpec> inputs,
            CudaMemory scratch,
            Map<String, CudaMemory> bound) {
        this.inputs = inputs;
        this.context =
                TensorRt.made(
                        engine.createExecutionContext(
                                ExecutionContextAllocationStrategy.kUSER_MANAGED),
                        "createExecutionContext");
        resources.own(() -> TensorRt.free(context));
        try {
            inputs.forEach(input -> inputShapes.add(resources.own(shape(input))));
            try (RawPointer memory = new RawPointer(scratch.address())) {
                context.setDeviceMemoryV2(memory, scratch.bytes());
            }
            bound.forEach(this::bind);
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private static Dims64 shape(TensorSpec input) {
        Dims64 dims = new Dims64().nbDims(input.shape().size() + 1);
        for (int i = 0; i < input.shape().size(); i++) {
            dims.d(i + 1, input.shape().get(i));
        }
        return dims;
    }

    private void bind(String tensor, CudaMemory memory) {
        try (RawPointer address = new RawPointer(memory.address())) {
            TensorRt.check(
                    context.setTensorAddress(tensor, address), "setTensorAddress of " + tensor);
        }
    }

    /** Sets the shapes for a batch, unless they are set already. */
    void setBatch(int rows) {
        if (rows == batch) {
            return;
        }
        for (int i = 0; i < inputs.size(); i++) {
            String name = inputs.get(i).name();
            TensorRt.check(
                    context.setInputShape(name, inputShapes.get(i).d(0, rows)),
                    "setInputShape of " + name + " to " + rows + " rows");
        }
        batch = rows;
    }

    /** Throws when the work was refused; the outputs then hold what they held before. */
    void enqueue(CudaStream to) {
        if (to.handle() != streamHandle) {
            streamHandle = to.handle();
            stream = new CUstream_st(new RawPointer(streamHandle));
        }
        TensorRt.check(context.enqueueV3(stream), "enqueueV3 of " + batch + " rows");
    }

    @Override
    public void close() {
        resources.close();
    }
}
