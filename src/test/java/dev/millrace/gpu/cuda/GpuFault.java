package dev.millrace.gpu.cuda;

import dev.millrace.faults.Undefended.Change;
import java.util.List;

/**
 * A mistake in the use of CUDA or TensorRT, as it could stand in our code.
 *
 * @param name what is wrong
 * @param cuda more for {@code FAKE_CUDA}
 * @param caught what is said then, by the stand-in or by the code itself
 */
record GpuFault(String name, String cuda, String caught, List<Change> changes) {
    private static final String DEVICE_LAUNCH =
            "device.cuda().graphLaunch.call(executable, stream.handle());";
    private static final String CAPTURED = "() -> context.enqueue(recorder)";

    static final List<GpuFault> ALL =
            List.of(
                    planted(
                            "memory is zeroed in a stream that nobody waits for",
                            "FAULT work of a stream does not wait for the cudaMemset",
                            cuda("CudaMemory", "0, bytes, stream.handle());", "0, bytes, 0L);")),
                    planted(
                            "another stream is captured than gets the work",
                            "FAULT a graph in which nothing was recorded",
                            cuda(
                                    "GraphLauncher",
                                    CAPTURED,
                                    "() -> context.enqueue(new CudaStream(device))")),
                    planted(
                            "an execution context is used by two threads",
                            "FAULT an execution context is used by a second thread",
                            cuda(
                                    "TensorRtContext",
                                    "launcher.enqueue(batch, (CudaStream) stream);",
                                    """
                                    launcher.enqueue(batch, (CudaStream) stream);
                                    Thread second = Thread.ofPlatform().start(() -> {
                                        device.cuda();
                                        launcher.enqueue(batch, (CudaStream) stream);
                                    });
                                    try {
                                        second.join();
                                    } catch (InterruptedException e) {
                                        throw new IllegalStateException(e);
                                    }
                                    """)),
                    planted(
                            "an event is never destroyed",
                            "FAULT never freed: 4 events",
                            cuda("CudaEvent", "device.cuda().eventDestroy.call(handle);", "")),
                    planted(
                            "the host's memory is not page-locked",
                            "FAULT cudaMemcpyAsync of pageable memory",
                            cuda(
                                    "CudaHostMemory",
                                    "device.cuda().hostAlloc(bytes);",
                                    "Arena.global().allocate(bytes, 4096).address();"),
                            cuda(
                                    "CudaHostMemory",
                                    "resources.own(() -> device.cuda().freeHost.call(address));",
                                    "")),
                    new GpuFault("a batch hangs", ";launch-hang=30", "a batch hangs", List.of()),
                    planted(
                            "a copy has the wrong direction",
                            "cudaMemcpyAsync failed: cudaErrorInvalidValue",
                            cuda("CudaStream", "Cuda.DEVICE_TO_HOST", "Cuda.HOST_TO_DEVICE")),
                    planted(
                            "a thread does not choose its device",
                            "by a thread whose device is 0",
                            cuda(
                                    "CudaDevice",
                                    "cuda.setDevice.call(gpu.index());\n        return cuda;",
                                    "return cuda;")),
                    planted(
                            "a stream is closed before its work is done",
                            "FAULT cudaFree of memory that work in flight uses",
                            cuda("CudaStream", "            synchronize();\n        } f", "} f")),
                    planted(
                            "a stream is of another device",
                            "with a stream of device 0 by a thread whose device is 1",
                            cuda(
                                    "CudaStream",
                                    "this.handle = device.cuda().streamCreate();",
                                    """
                                    Cuda cuda = device.cuda();
                                    cuda.setDevice.call(0);
                                    this.handle = cuda.streamCreate();
                                    """)),
                    planted(
                            "a graph is launched in a stream of another device",
                            "cudaGraphLaunch failed: cudaErrorInvalidResourceHandle",
                            cuda(
                                    "CudaGraph",
                                    DEVICE_LAUNCH,
                                    """
                                    Cuda cuda = device.cuda();
                                    cuda.setDevice.call(0);
                                    long other = cuda.streamCreate();
                                    device.cuda().graphLaunch.call(executable, other);
                                    """)),
                    planted(
                            "an event is recorded again before it has completed",
                            "FAULT an event is recorded again before it has completed",
                            new Change(
                                    "infer/Lane.java",
                                    "stream.record(done);",
                                    "stream.record(done); stream.record(done);")),
                    planted(
                            "the end of a batch is not marked",
                            ": wrong",
                            new Change("infer/Lane.java", "stream.record(done);", "")),
                    planted(
                            "outputs are copied in a stream that does not wait for the compute",
                            "FAULT two streams use the same memory",
                            new Change(
                                    "infer/Lane.java", "stream.copyToHost(", "other.copyToHost("),
                            new Change(
                                    "infer/Lane.java",
                                    "private final Stream stream;",
                                    "private final Stream stream; private final Stream other;"),
                            new Change(
                                    "infer/Lane.java",
                                    "this.stream = resources.own(device.createStream(name));",
                                    """
                                    this.other = resources.own(device.createStream(name));
                                    this.stream = resources.own(device.createStream(name));
                                    """)),
                    planted(
                            "an execution context has too little scratch memory",
                            "No device memory was given to the context",
                            cuda("TensorRtContext", "Math.max(1, plan.contextBytes())", "1")),
                    planted(
                            "a graph is destroyed while it runs",
                            "FAULT an executable graph is destroyed while a launch of it is in flight",
                            cuda(
                                    "CudaGraph",
                                    DEVICE_LAUNCH,
                                    DEVICE_LAUNCH
                                            + "device.cuda().graphExecDestroy.call(executable);")),
                    planted(
                            "a graph is not uploaded",
                            "FAULT a graph is launched that was not uploaded",
                            cuda("GraphLauncher", "graph.upload(recorder);", "")),
                    planted(
                            "a stream is waited for while it is captured",
                            "cudaStreamSynchronize failed: cudaErrorStreamCaptureUnsupported",
                            cuda(
                                    "GraphLauncher",
                                    CAPTURED,
                                    "() -> { context.enqueue(recorder); recorder.synchronize(); }")),
                    planted(
                            "memory is taken while a stream is captured",
                            "cudaMalloc failed: cudaErrorStreamCaptureUnsupported",
                            cuda(
                                    "GraphLauncher",
                                    CAPTURED,
                                    "() -> { context.enqueue(recorder); device.allocateDevice(1); }")),
                    planted(
                            "the first run of new shapes is captured",
                            "operation not permitted when stream is capturing",
                            cuda(
                                    "GraphLauncher",
                                    "        context.enqueue(recorder);\n        recorder.synchronize();\n        C",
                                    "C")),
                    planted(
                            "the shapes stay those of the first batch",
                            ": wrong",
                            cuda("ExecutionContext", "if (rows == batch) {", "if (batch != 0) {"),
                            cuda("PlainLauncher", "enqueue(maxBatch, w", "enqueue(1, w")),
                    planted(
                            "no tensor has an address",
                            "Address is not set for tensor",
                            cuda("ExecutionContext", "bound.forEach(this::bind);", "")),
                    planted(
                            "a tensor is not aligned",
                            "misaligned address of",
                            cuda(
                                    "CudaMemory",
                                    "address() {\n        return address;",
                                    "address() {\n        return address + 16;")),
                    planted(
                            "a runtime is freed before its engine",
                            "FAULT a runtime is freed before its engines",
                            cuda(
                                    "TensorRtPlan",
                                    "TensorRt.free(engine);\n        TensorRt.free(runtime);",
                                    "TensorRt.free(runtime); TensorRt.free(engine);")),
                    planted(
                            "memory is freed twice",
                            "FAULT cudaFree of an address that is no block of this kind",
                            cuda(
                                    "CudaMemory",
                                    "device.cuda().free.call(address);",
                                    "device.cuda().free.call(address);"
                                            + "device.cuda().free.call(address);")),
                    planted(
                            "memory is never freed",
                            "blocks of memory",
                            cuda("CudaMemory", "device.cuda().free.call(address);", "")),
                    new GpuFault(
                            "a kernel writes to an illegal address",
                            ";launch-fail=700@30",
                            "cudaErrorIllegalAddress (700,",
                            List.of()));

    private static GpuFault planted(String name, String caught, Change... changes) {
        return new GpuFault(name, "", caught, List.of(changes));
    }

    private static Change cuda(String file, String now, String before) {
        return new Change("gpu/cuda/" + file + ".java", now, before);
    }

    @Override
    public String toString() {
        return name;
    }
}
